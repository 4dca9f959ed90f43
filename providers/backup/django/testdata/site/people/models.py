import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    phone = models.CharField(max_length=20, null=True, blank=True)
    manager = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        db_table = "users"


class Profile(models.Model):
    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    motto = models.TextField()
