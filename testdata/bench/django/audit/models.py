import uuid

from django.contrib.contenttypes.models import ContentType
from django.db import models

from users.models import User


class AuditTrail(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    timestamp = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=30)
    severity = models.CharField(max_length=10)
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    user_display_name = models.CharField(max_length=200)
    session_id = models.CharField(max_length=40, null=True)
    content_type = models.ForeignKey(ContentType, models.SET_NULL, null=True)
    object_id = models.CharField(max_length=100, null=True)
    object_representation = models.CharField(max_length=200)
    field_changes = models.JSONField()
    description = models.TextField()
    request_path = models.CharField(max_length=500)
    checksum = models.CharField(max_length=64)
    is_tampered = models.BooleanField()

    class Meta:
        db_table = "audit_trail"


class DatabaseChangeLog(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    timestamp = models.DateTimeField()
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=100)
    old_values = models.JSONField()
    new_values = models.JSONField()
    integrity_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "database_change_log"
