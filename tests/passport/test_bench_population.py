import pytest

from tests.benchmarks.population import add_vendors
from tests.factories import create_staff
from vendors.models import Vendor


@pytest.mark.django_db(transaction=True)
def test_population_of_the_bench_fits_the_tables():
    """Its rows are written by SQL, which knows nothing of a field that a model was given since."""
    add_vendors(1, 100, owner=create_staff().pk)

    assert Vendor.objects.count() == 100
