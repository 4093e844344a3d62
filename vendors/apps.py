from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "vendors"

    def ready(self) -> None:
        from vendors import vendor_of_user  # noqa: PLC0415
        from vendors.documents.lifecycle import changed  # noqa: PLC0415  needs the apps to be loaded
        from vendors.evidence.verification import document_changed  # noqa: PLC0415
        from vendors.history import context  # noqa: PLC0415

        context.say_only_where_history_is_kept()
        vendor_of_user.install()
        changed.connect(document_changed)
