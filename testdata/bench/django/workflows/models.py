import uuid

from django.db import models

from documents.models import Document
from users.models import User


class DocumentWorkflowManager(models.Manager):
    def get_by_natural_key(self, number):
        return self.get(document__document_number=number)


class DocumentWorkflow(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    document = models.OneToOneField(Document, models.CASCADE)
    workflow_type = models.CharField(max_length=30)
    state = models.CharField(max_length=60)
    initiated_by = models.ForeignKey(User, models.PROTECT)
    workflow_data = models.JSONField()
    created_at = models.DateTimeField()
    objects = DocumentWorkflowManager()

    class Meta:
        db_table = "document_workflows"

    def natural_key(self):
        return self.document.natural_key()

    natural_key.dependencies = ["documents.document"]


class DocumentTransition(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    workflow = models.ForeignKey(DocumentWorkflow, models.CASCADE)
    from_state = models.CharField(max_length=30)
    to_state = models.CharField(max_length=30)
    transitioned_by = models.ForeignKey(User, models.PROTECT)
    transitioned_at = models.DateTimeField()
    comment = models.TextField()
    transition_data = models.JSONField()

    class Meta:
        db_table = "document_transitions"
