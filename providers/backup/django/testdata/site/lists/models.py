"""Arrays, which only PostgreSQL has."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Listing(models.Model):
    numbers = ArrayField(models.IntegerField(), null=True)
    names = ArrayField(models.TextField(null=True))
    grid = ArrayField(ArrayField(models.IntegerField()), default=list)
    words = ArrayField(ArrayField(models.CharField(max_length=20)), default=list)
    prices = ArrayField(models.DecimalField(max_digits=30, decimal_places=2), default=list)
    price = models.DecimalField(max_digits=30, decimal_places=2, null=True)
    times = ArrayField(models.DateTimeField(), default=list)
    spans = ArrayField(models.DurationField(), default=list)
    flags = ArrayField(models.BooleanField(), default=list)
    ids = ArrayField(models.UUIDField(), default=list)
