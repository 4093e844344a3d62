"""The columns of a profile that is carried over from another system, as a spreadsheet names them."""

from __future__ import annotations

# By what Passport calls the column, what else it may be called, by its letters alone (headings.letters).
_CALLED: dict[str, tuple[str, ...]] = {
    "works as": ("kind",),
    "company": ("companyname", "legalname"),
    "phone": ("phonenumber", "telephone", "mobile"),
    "country": (),
    "street": ("address", "streetaddress"),
    "postcode": ("postalcode", "zip", "zipcode"),
    "town": ("city",),
    "region": ("state", "province"),
    "time zone": (),
    "native languages": ("nativelanguage", "mothertongue"),
    "pairs": ("languagepairs", "languages"),
    "services": (),
    "rates": (),
    "currency": (),
    "minimum fee": ("minimum",),
    "subjects": ("specialisms", "specialisations", "specializations"),
    "tools": ("cattools",),
    "tax country": ("taxresidence",),
    "charges VAT": (),
    "VAT number": ("vat", "vatid"),
    "tax number": ("taxid",),
    "registration number": ("companynumber",),
    "degree": ("languagedegree", "translationdegree"),
    "university": ("degreefrom",),
    "degree country": (),
    "degree year": (),
    "other degree": (),
    "other university": (),
    "other degree country": (),
    "other degree year": (),
    "translating since": ("experiencesince",),
    "sworn by": (),
    "sworn number": (),
    "sworn until": (),
    "evidence on file": ("evidence",),
    "confidentiality signed": ("confidentialitysignedon", "ndasigned", "nda"),
    "terms signed": ("termssignedon", "cooperationsigned"),
}
NAMES = tuple(_CALLED)
COLUMNS = {letters: name for name, others in _CALLED.items() for letters in (name.replace(" ", "").lower(), *others)}
