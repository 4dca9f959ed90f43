import uuid

from django.contrib.auth.models import Group
from django.db import models


class UserManager(models.Manager):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(models.Model):
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    username = models.CharField(max_length=150, unique=True)
    password = models.CharField(max_length=128)
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    email = models.EmailField()
    department = models.CharField(max_length=100)
    is_active = models.BooleanField()
    date_joined = models.DateTimeField()
    groups = models.ManyToManyField(Group, db_table="users_groups")
    objects = UserManager()

    class Meta:
        db_table = "users"

    def natural_key(self):
        return (self.username,)


class RoleManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Role(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField()
    permissions = models.JSONField()
    created_at = models.DateTimeField()
    objects = RoleManager()

    class Meta:
        db_table = "roles"

    def natural_key(self):
        return (self.name,)


class UserRole(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="held")
    role = models.ForeignKey(Role, models.CASCADE)
    assigned_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="assigned")
    assigned_at = models.DateTimeField()
    is_active = models.BooleanField()

    class Meta:
        db_table = "user_roles"
        unique_together = (("user", "role"),)
