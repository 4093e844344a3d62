from django.db import migrations

DEGREE = {"title": "degree_title", "institution": "institution", "country": "institution_country", "year": "graduated_in"}


def fill_in(apps, schema_editor):
    """Submissions from before degrees, periods and certificates were lists."""
    for submission in apps.get_model("onboarding", "Submission").objects.iterator():
        answer = submission.answers.get("qualifications")
        if not answer or "degrees" in answer:
            continue
        degree = {part: answer.pop(name) for part, name in DEGREE.items()}
        is_translation = answer["route"] == "translation_degree"
        degree["subject"] = "translation" if is_translation else "other"
        answer |= {"degrees": [degree] if degree["title"] else [], "experience": [], "certificates": []}
        if not is_translation and "degree" in answer["documents"]:
            answer["documents"]["other_degree"] = answer["documents"].pop("degree")
        submission.save(update_fields=["answers"])


def take_back(apps, schema_editor):
    for submission in apps.get_model("onboarding", "Submission").objects.iterator():
        answer = submission.answers.get("qualifications")
        if not answer or "degrees" not in answer:
            continue
        degree = next(iter(answer.pop("degrees")), {"title": "", "institution": "", "country": "", "year": None})
        answer |= {name: degree[part] for part, name in DEGREE.items()}
        del answer["experience"], answer["certificates"]
        if "other_degree" in answer["documents"]:
            answer["documents"]["degree"] = answer["documents"].pop("other_degree")
        submission.save(update_fields=["answers"])


class Migration(migrations.Migration):

    dependencies = [
        ('onboarding', '0002_draft_left_half_way'),
    ]

    operations = [
        migrations.RunPython(fill_in, take_back),
    ]
