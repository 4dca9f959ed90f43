import uuid

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class State(models.Model):
    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=20, unique=True)


class Tag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=50)


class Document(models.Model):
    uuid = models.UUIDField(unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField(null=True)
    price = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    ratio = models.FloatField(null=True)
    size = models.BigIntegerField(null=True)
    rank = models.PositiveSmallIntegerField(default=0)
    took = models.DurationField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    due = models.DateField(null=True)
    at = models.TimeField(null=True)
    approved = models.BooleanField(null=True)
    meta = models.JSONField(null=True)
    content = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)
    file = models.FileField(upload_to="documents", max_length=200)
    state = models.ForeignKey(State, on_delete=models.PROTECT)
    state_name = models.ForeignKey(State, to_field="name", null=True, related_name="+", on_delete=models.PROTECT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    supersedes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)
    current = models.ForeignKey("Version", null=True, related_name="+", on_delete=models.SET_NULL)
    readers = models.ForeignKey(Group, null=True, on_delete=models.SET_NULL)
    needs = models.ForeignKey(Permission, null=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag)
    related = models.ManyToManyField("self")
    reviewers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="reviews", through="Review")
    kinds = models.ManyToManyField(ContentType)


class Version(models.Model):
    document = models.ForeignKey(Document, on_delete=models.CASCADE)
    number = models.CharField(max_length=10)


class Manual(Document):
    pages = models.IntegerField()


class Review(models.Model):
    document = models.ForeignKey(Document, on_delete=models.CASCADE)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    verdict = models.CharField(max_length=10)


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, null=True, on_delete=models.CASCADE)
    object_id = models.CharField(max_length=50, null=True)
    about = GenericForeignKey()
    text = models.TextField()
