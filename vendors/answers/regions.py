"""States and provinces of the countries whose addresses and invoices need them, as ISO 3166-2."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext as _

from identity.typed import cleaning
from vendors.answers import countries, near_misses
from vendors.answers.odd_answers import Odd

_NAMES = {
    "AU": """
        ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|
        TAS Tasmania|VIC Victoria|WA Western Australia
    """,
    "BR": """
        AC Acre|AL Alagoas|AM Amazonas|AP Amapá|BA Bahia|CE Ceará|DF Distrito Federal|ES Espírito Santo|GO Goiás|
        MA Maranhão|MG Minas Gerais|MS Mato Grosso do Sul|MT Mato Grosso|PA Pará|PB Paraíba|PE Pernambuco|PI Piauí|
        PR Paraná|RJ Rio de Janeiro|RN Rio Grande do Norte|RO Rondônia|RR Roraima|RS Rio Grande do Sul|
        SC Santa Catarina|SE Sergipe|SP São Paulo|TO Tocantins
    """,
    "CA": """
        AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|
        NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon
    """,
    "IN": """
        AN Andaman and Nicobar Islands|AP Andhra Pradesh|AR Arunachal Pradesh|AS Assam|BR Bihar|CH Chandigarh|
        CG Chhattisgarh|DH Dadra and Nagar Haveli and Daman and Diu|DL Delhi|GA Goa|GJ Gujarat|HP Himachal Pradesh|
        HR Haryana|JH Jharkhand|JK Jammu and Kashmir|KA Karnataka|KL Kerala|LA Ladakh|LD Lakshadweep|MH Maharashtra|
        ML Meghalaya|MN Manipur|MP Madhya Pradesh|MZ Mizoram|NL Nagaland|OD Odisha|PB Punjab|PY Puducherry|
        RJ Rajasthan|SK Sikkim|TN Tamil Nadu|TR Tripura|TS Telangana|UK Uttarakhand|UP Uttar Pradesh|WB West Bengal
    """,
    "IT": """
        AG Agrigento|AL Alessandria|AN Ancona|AO Aosta|AP Ascoli Piceno|AQ L’Aquila|AR Arezzo|AT Asti|AV Avellino|
        BA Bari|BG Bergamo|BI Biella|BL Belluno|BN Benevento|BO Bologna|BR Brindisi|BS Brescia|
        BT Barletta-Andria-Trani|BZ Bolzano|CA Cagliari|CB Campobasso|CE Caserta|CH Chieti|CL Caltanissetta|CN Cuneo|
        CO Como|CR Cremona|CS Cosenza|CT Catania|CZ Catanzaro|EN Enna|FC Forlì-Cesena|FE Ferrara|FG Foggia|FI Firenze|
        FM Fermo|FR Frosinone|GE Genova|GO Gorizia|GR Grosseto|IM Imperia|IS Isernia|KR Crotone|LC Lecco|LE Lecce|
        LI Livorno|LO Lodi|LT Latina|LU Lucca|MB Monza e Brianza|MC Macerata|ME Messina|MI Milano|MN Mantova|MO Modena|
        MS Massa-Carrara|MT Matera|NA Napoli|NO Novara|NU Nuoro|OR Oristano|PA Palermo|PC Piacenza|PD Padova|
        PE Pescara|PG Perugia|PI Pisa|PN Pordenone|PO Prato|PR Parma|PT Pistoia|PU Pesaro e Urbino|PV Pavia|PZ Potenza|
        RA Ravenna|RC Reggio Calabria|RE Reggio Emilia|RG Ragusa|RI Rieti|RM Roma|RN Rimini|RO Rovigo|SA Salerno|
        SI Siena|SO Sondrio|SP La Spezia|SR Siracusa|SS Sassari|SU Sud Sardegna|SV Savona|TA Taranto|TE Teramo|
        TN Trento|TO Torino|TP Trapani|TR Terni|TS Trieste|TV Treviso|UD Udine|VA Varese|VB Verbano-Cusio-Ossola|
        VC Vercelli|VE Venezia|VI Vicenza|VR Verona|VT Viterbo|VV Vibo Valentia
    """,
    "US": """
        AK Alaska|AL Alabama|AR Arkansas|AS American Samoa|AZ Arizona|CA California|CO Colorado|CT Connecticut|
        DC District of Columbia|DE Delaware|FL Florida|GA Georgia|GU Guam|HI Hawaii|IA Iowa|ID Idaho|IL Illinois|
        IN Indiana|KS Kansas|KY Kentucky|LA Louisiana|MA Massachusetts|MD Maryland|ME Maine|MI Michigan|MN Minnesota|
        MO Missouri|MP Northern Mariana Islands|MS Mississippi|MT Montana|NC North Carolina|ND North Dakota|
        NE Nebraska|NH New Hampshire|NJ New Jersey|NM New Mexico|NV Nevada|NY New York|OH Ohio|OK Oklahoma|OR Oregon|
        PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|
        VA Virginia|VI U.S. Virgin Islands|VT Vermont|WA Washington|WI Wisconsin|WV West Virginia|WY Wyoming
    """,
}

COUNTRIES = frozenset(_NAMES)


class UnknownRegion(Odd):
    """Not on our list. The message is for the person who typed it."""


@cache
def _regions(country: str) -> dict[str, str]:
    entries = [entry.strip().partition(" ") for entry in _NAMES.get(country, "").split("|") if entry.strip()]
    return {f"{country}-{code}": name for code, _space, name in entries}


def names(country: str) -> list[str]:
    return sorted(_regions(country).values(), key=cleaning.folded)


def name(region: str) -> str:
    """What to write on an envelope; a region of another country stands as it was typed."""
    return _regions(region[:2]).get(region, region)


def short_name(region: str) -> str:
    """ "NY", where the country has such codes on its list; else the name."""
    return region.partition("-")[2] if region in _regions(region[:2]) else region


def parse(text: str, *, country: str) -> str:
    """The code for a name or code in any spelling; for countries without a list, the text."""
    known = _regions(country)
    if not known:
        return text
    key = _key(text)
    for code, full in known.items():
        if key in (_key(full), _key(code), _key(code.partition("-")[2])):
            return code
    meant = near_misses.meant(text, {cleaning.folded(name): name for name in known.values()})
    raise UnknownRegion(
        _(
            "“%(typed)s” isn't on our list of states and provinces in %(country)s. Choose from the list, or keep it "
            "as you typed it."
        )
        % {"typed": text[:60], "country": countries.name(country)},
        as_typed=cleaning.name(text),
        meant=meant,
    )


def is_odd(region: str, *, country: str) -> bool:
    """Was it kept although it is not on the list?"""
    known = _regions(country)
    return bool(region and known and region not in known)


def _key(text: str) -> str:
    """Without accents, punctuation and capitals."""
    return "".join(letter for letter in cleaning.folded(text) if letter.isalnum())
