"""The commands that the benchmarks measure: manage.py URL COMMAND ARGUMENT….

The models are those of schema.sql, which makes the tables, so that there are no
migrations. URL is postgres://…
"""

import sys
import urllib.parse

import django
from django.conf import settings
from django.core.management import call_command


def database(url):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": urllib.parse.unquote(parts.path.lstrip("/")),
        "HOST": parts.hostname or query.get("host", ""),
        "PORT": parts.port or query.get("port", ""),
        "USER": urllib.parse.unquote(parts.username or "") or query.get("user", ""),
        "PASSWORD": urllib.parse.unquote(parts.password or "") or query.get("password", ""),
    }


settings.configure(
    DATABASES={"default": database(sys.argv[1])},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "users", "documents", "workflows", "audit"],
    AUTH_USER_MODEL="users.User",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    SECRET_KEY="of the benchmarks",
    TIME_ZONE="UTC",
    USE_TZ=True,
)
django.setup()
call_command(*sys.argv[2:])
