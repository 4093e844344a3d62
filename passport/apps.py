from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PassportConfig(AppConfig):
    name = "passport"

    def ready(self) -> None:
        from passport import checks, deploy_checks, merged_translations, storage_checks  # noqa: F401, PLC0415  registers them

        merged_translations.merge()


class PassportAdminConfig(AdminConfig):
    default_site = "passport.admin_site.PassportAdminSite"
