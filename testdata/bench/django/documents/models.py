import uuid

from django.db import models

from users.models import User


class DocumentManager(models.Manager):
    def get_by_natural_key(self, number):
        return self.get(document_number=number)


class Document(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    document_number = models.CharField(max_length=50, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    status = models.CharField(max_length=30, db_index=True)
    version_major = models.IntegerField()
    author = models.ForeignKey(User, models.PROTECT, related_name="written")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="reviewed")
    file_checksum = models.CharField(max_length=64)
    metadata = models.JSONField()
    created_at = models.DateTimeField()
    effective_date = models.DateField(null=True)
    objects = DocumentManager()

    class Meta:
        db_table = "documents"

    def natural_key(self):
        return (self.document_number,)


class DocumentVersion(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    document = models.ForeignKey(Document, models.CASCADE)
    version = models.CharField(max_length=20)
    comment = models.TextField()
    created_by = models.ForeignKey(User, models.PROTECT)
    file_checksum = models.CharField(max_length=64)
    file_size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "document_versions"
        unique_together = (("document", "version"),)


class DocumentAccessLog(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    document = models.ForeignKey(Document, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)
    access_type = models.CharField(max_length=20)
    ip_address = models.CharField(max_length=39)
    user_agent = models.TextField()
    accessed_at = models.DateTimeField()
    success = models.BooleanField()

    class Meta:
        db_table = "document_access_logs"
