from .application import send_mail


def test_mailbox_pages_link_and_escape(sandbox, person):
    reader = person("ana@mail.example")
    send_mail(
        sandbox, reader.address, subject="<b>Bold</b>", text="<script>x</script> http://127.0.0.1:8000/a?b=1&c=2 end"
    )

    reader.go(f"{sandbox.url}/mail/{reader.address}/")
    page = reader.follow(named="Bold")

    assert page.heading == "<b>Bold</b>"
    assert "<script>" not in page.html
    assert page.link(named="http://127.0.0.1:8000/a") == "http://127.0.0.1:8000/a?b=1&c=2"


def test_front_page_lists_people_and_what_they_are_for(sandbox, app, person):
    app.invite("sandbox-ana@gmail.com")
    send_mail(sandbox, "never.seen@mail.example")

    page = person("x@mail.example").go(f"{sandbox.url}/")

    for name in ("vera.vm@sandberg.example", "sandbox-ana@gmail.com", "vm@sandberg.example", "never.seen@mail.example"):
        assert name in page.text
        assert f"{sandbox.url}/mail/{name}/" in [href for href, _ in page.links]
    assert "Gets a code by email each time" in page.text
    assert "Ana Almeida invited" in page.text
