"""A Django site for one test: run.py make URL, run.py load URL FIXTURE.

make migrates an empty database and fills it with records whose content types,
permissions and groups have other primary keys than a fresh one's. load migrates
an empty database and runs loaddata. URL is an SQLite file or postgres://…
"""

import datetime as dt
import decimal
import sys
import urllib.parse
import uuid

import django
from django.conf import settings
from django.core.management import call_command


def database(url):
    if not url.startswith("postgres:"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url}
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "HOST": query["host"],
        "PORT": query["port"],
        "USER": query["user"],
    }


def configure(url):
    apps = ["django.contrib.contenttypes", "django.contrib.auth", "people", "library"]
    if url.startswith("postgres:"):
        apps.append("lists")
    settings.configure(
        DATABASES={"default": database(url)},
        INSTALLED_APPS=apps,
        AUTH_USER_MODEL="people.User",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="of the test",
        TIME_ZONE="America/Lima",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", "auth", verbosity=0)  # the apps below have no migrations, and refer to it
    call_command("migrate", run_syncdb=True, verbosity=0)


def scramble():
    """Give the system's rows the primary keys of another history."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    types = list(ContentType.objects.order_by("-app_label", "model").values("app_label", "model"))
    permissions = list(Permission.objects.order_by("-codename").values_list("name", "codename", "content_type__app_label", "content_type__model"))
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    ids = {}
    for number, t in enumerate(types):
        ids[t["app_label"], t["model"]] = ContentType.objects.create(id=501 - 3 * number, **t)
    for number, (name, codename, app, model) in enumerate(permissions):
        Permission.objects.create(id=901 + 2 * number, name=name, codename=codename, content_type=ids[app, model])


def instant(*args):
    return dt.datetime(*args, tzinfo=dt.timezone.utc)


def fill(durations):
    from django.contrib.auth.models import Group, Permission
    from django.contrib.contenttypes.models import ContentType
    from library.models import Document, Manual, Note, Review, State, Tag, Version
    from people.models import Profile, User

    kind = ContentType.objects.get_for_model(Document)
    gone = ContentType.objects.create(id=17, app_label="gone", model="thing")
    custom = Permission.objects.create(id=33, codename="can_approve", name="Can approve", content_type=kind)
    stale = Permission.objects.create(id=34, codename="add_thing", name="Can add thing", content_type=gone)
    editors, empty = Group.objects.create(id=71, name='Editors "é"'), Group.objects.create(id=70, name="Empty")
    editors.permissions.set([custom, stale, Permission.objects.get(codename="add_tag")])

    bob = User.objects.create(id=752, username="bob", password="pbkdf2$x", date_joined=instant(2025, 1, 2, 3, 4, 5, 678901), phone="", is_staff=True)
    ann = User.objects.create(id=751, username="ann", manager=bob, last_login=instant(2025, 1, 2, 3, 4, 5, 600000), uuid=uuid.UUID(int=7))
    bob.manager = ann  # a circle
    bob.save()
    bob.groups.set([editors])
    bob.user_permissions.set([custom])
    ann.groups.set([editors, empty])
    Profile.objects.create(user=bob, motto="")

    draft, blank = State.objects.create(code="DRAFT", name="Draft"), State.objects.create(code="", name="")
    tags = [Tag.objects.create(id=uuid.UUID(int=n), name=f"tag {n}") for n in (1, 2**127)]
    common = {"state": draft, "author": ann}
    first = Document.objects.create(
        id=351, uuid=uuid.UUID(int=1), title="  <b>\"quoted\"</b> \\ é \u2028 \U0001F600 ", body="line\r\n\ttab\x01", price=decimal.Decimal("12345678901.1000"),
        ratio=0.1, size=-(2**63), rank=32767, took=dt.timedelta(days=-3, hours=2, microseconds=5) if durations else None,
        due=dt.date(1, 1, 1), at=dt.time(23, 59, 59, 500000), approved=False,
        meta={"ids": [351, 1.5, None, "\u0000" if not durations else "é"], "": {}, "nested": {"a": [True, []]}}, content=bytes(range(256)),
        address="2001:db8::1", file="documents/é b.docx", state_name=draft, readers=editors, needs=custom, **common)
    second = Document.objects.create(
        id=352, uuid=uuid.UUID(int=2), title="", body="", price=decimal.Decimal("-0.0001"), ratio=1e300, size=2**63 - 1,
        took=dt.timedelta(days=1, seconds=1) if durations else None, due=dt.date(9999, 12, 31), at=dt.time(0), approved=True,
        meta="text", content=b"", address="192.0.2.7", file="", state_name=blank, state=blank, author=bob)
    third = Document.objects.create(id=354, uuid=uuid.UUID(int=3), title="NULL", ratio=-0.0, meta=[], **common)
    first.supersedes, second.supersedes, third.supersedes = second, first, third
    for number, d in enumerate((first, second, third)):
        d.current = Version.objects.create(id=9 - number, document=d, number="1.0")
        d.save()
    first.tags.set(tags)
    second.related.set([first, third])
    first.kinds.set([gone, kind])
    Manual.objects.create(id=360, uuid=uuid.UUID(int=4), title="manual", pages=12, **common)
    Review.objects.create(id=4, document=first, reviewer=bob, verdict="yes")
    Review.objects.create(id=5, document=first, reviewer=bob, verdict="no")
    Document.objects.update(created=instant(2025, 12, 10, 8, 19, 38, 545123), updated=instant(2025, 12, 10, 8, 19, 38, 545000))

    for number, (about, object_id) in enumerate(((kind, "351"), (kind, "no longer there"), (gone, "7"), (None, None))):
        Note.objects.create(id=100 - number, content_type=about, object_id=object_id, text=str(number))


def fill_lists():
    from lists.models import Listing

    Listing.objects.create(
        id=3, numbers=[1, None, -3], names=["", "NULL", None, 'a "b", {c}\\', "é"], grid=[[1, 2], [3, 4]], words=[["a b", "[x]"], ["", "NULL"]],
        prices=[decimal.Decimal("123456789012345678901234567.50")], price=decimal.Decimal("123456789012345678901234567.50"), times=[instant(2025, 12, 10, 8, 19, 38, 545123), instant(2025, 1, 1)],
        spans=[dt.timedelta(hours=25, microseconds=1), dt.timedelta(seconds=-1)], flags=[True, False], ids=[uuid.UUID(int=5)])
    Listing.objects.create(id=4, numbers=None, names=[])
    Listing.objects.create(id=5, numbers=[], names=["[]"])


def main(command, url, *args):
    configure(url)
    if command == "make":
        postgres = url.startswith("postgres:")
        scramble()
        fill(durations=postgres)
        if postgres:
            fill_lists()
    else:
        call_command("loaddata", *args)


main(*sys.argv[1:])
