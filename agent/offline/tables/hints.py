"""Which columns everyday words point at, where no column is named."""

from __future__ import annotations

from dataclasses import dataclass

STATES = (
    (
        "rainy; did it rain; it rained; with rain; rained; it was raining; wet",
        "rain precipitation",
        ">",
        "0",
    ),
    ("dry; without rain; did it not rain; no rain", "rain precipitation", "==", "0"),
    ("out of stock; sold out; not in stock; unavailable", "stock inventory", "==", "0"),
    ("in stock; available; on stock", "stock inventory", ">", "0"),
)
"""Phrases, words in names of columns, and what must hold of such a column of numbers."""

UNITS = frozenset(
    """
    degrees degree celsius kmh km h mm cm m kg g t ms s seconds minutes hours points stars years old
    percent pages visitors
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words after a number that say what it counts."""


@dataclass(frozen=True)
class Adjective:
    """An adjective that compares.

    Attributes:
        comparatives: Phrases before `than`, separated by semicolons.
        superlatives: Phrases such as `oldest`, separated by semicolons.
        sign: Of the comparison: `>` if more of the column is more of the adjective.
        columns: Words in names of columns that it speaks of, likeliest first.
    """

    comparatives: str
    superlatives: str
    sign: str
    columns: str


_PRICE = "price cost fee fare rent amount total"
_PAY = "salary wage pay income earnings payroll"
_TIME = "duration latency time ms seconds minutes"
_WHEN = "date when since year time published released created departure arrival start"

ADJECTIVES = (
    Adjective("older", "oldest; eldest", ">", "age"),
    Adjective("younger", "youngest", "<", "age"),
    Adjective("cheaper; less expensive", "cheapest; least expensive; least costly", "<", _PRICE),
    Adjective(
        "more expensive; pricier; costlier; dearer",
        "most expensive; priciest; costliest; dearest; most costly",
        ">",
        _PRICE,
    ),
    Adjective("heavier", "heaviest", ">", "weight mass"),
    Adjective("lighter", "lightest", "<", "weight mass"),
    Adjective("taller", "tallest", ">", "height"),
    Adjective("longer", "longest", ">", f"length pages distance {_TIME} runtime"),
    Adjective("shorter", "shortest", "<", f"height length pages distance {_TIME} runtime"),
    Adjective("thicker", "thickest", ">", "pages thickness"),
    Adjective("thinner", "thinnest", "<", "pages thickness"),
    Adjective("hotter; warmer", "hottest; warmest", ">", "temp_max max_temp temperature temp"),
    Adjective(
        "colder; cooler", "coldest; coolest; chilliest", "<", "temp_min min_temp temperature temp"
    ),
    Adjective("windier", "windiest", ">", "wind"),
    Adjective("wetter; rainier", "wettest; rainiest", ">", "rain precipitation"),
    Adjective("drier; dryer", "driest", "<", "rain precipitation"),
    Adjective("sunnier", "sunniest", ">", "sun sunshine"),
    Adjective("richer; wealthier", "richest; wealthiest", ">", "wealth income gdp salary"),
    Adjective("poorer", "poorest", "<", "wealth income gdp salary"),
    Adjective("faster; quicker", "fastest; quickest", "<", _TIME),
    Adjective("slower", "slowest", ">", _TIME),
    Adjective(
        "better paid; higher paid; better-paid",
        "best paid; highest paid; best-paid; highest-paid; top paid; highest earning; top earning",
        ">",
        _PAY,
    ),
    Adjective(
        "worse paid; lower paid", "worst paid; lowest paid; worst-paid; lowest-paid", "<", _PAY
    ),
    Adjective(
        "",
        "best selling; best-selling; top selling; top-selling; most sold; bestselling",
        ">",
        "quantity sold units sales",
    ),
    Adjective("", "worst selling; worst-selling; least sold", "<", "quantity sold units sales"),
    Adjective(
        "better rated; higher rated",
        "best rated; highest rated; top rated; best-rated; highest-rated; top-rated",
        ">",
        "rating score stars",
    ),
    Adjective(
        "worse rated",
        "worst rated; lowest rated; worst-rated; lowest-rated",
        "<",
        "rating score stars",
    ),
    Adjective(
        "",
        "top earner; top earners; biggest earner; biggest earners; highest earners; best earners; "
        "highest earner; best earner",
        ">",
        _PAY,
    ),
    Adjective("", "lowest earner; lowest earners", "<", _PAY),
    Adjective(
        "",
        "top spender; top spenders; biggest spender; biggest spenders; biggest buyers; best "
        "customers; best customer; best buyers",
        ">",
        "total amount spent revenue",
    ),
    Adjective("", "bestseller; bestsellers; top sellers; best sellers", ">", "quantity sold units"),
    Adjective("", "top donors; biggest donors; biggest donor; top donor", ">", "donation amount"),
    Adjective("", "top scorer; top scorers; best scorer", ">", "score points goals mark"),
    Adjective(
        "",
        "longest serving; most senior; longest in the company; with the company the longest; "
        "with the company longest; with us the longest; with us longest; here the longest; "
        "working here the longest; longest tenure; longest standing",
        "<",
        "hire hired joined start since",
    ),
    Adjective("newer; more recent; later", "newest; most recent; latest", ">", _WHEN),
    Adjective("earlier", "earliest", "<", _WHEN),
    Adjective("deeper", "deepest", ">", "depth"),
    Adjective("closer; nearer", "closest; nearest", "<", "distance"),
    Adjective("farther; further", "farthest; furthest", ">", "distance"),
    Adjective("more populous", "most populous; most populated", ">", "population"),
)

_GROUPS = (
    (
        "earn earns earned earning earnings paid pay pays wage wages income",
        "salary wage pay income",
    ),
    ("cost costs costing price priced prices", "price cost unit_price"),
    (
        "spent spend spends spending revenue turnover sales sale takings bought worth value money",
        "total amount sales revenue spent",
    ),
    ("sold units pieces bought ordered", "quantity units sold"),
    ("weigh weighs weight", "weight mass"),
    ("tall height", "height"),
    ("old aged age", "age"),
    ("hired joined started recruited employed", "hire hired joined start since"),
    ("born birthday", "birth born dob birthday"),
    ("signed registered joined registration", "signed registration joined"),
    ("mark marks grade grades score scores", "score mark grade points"),
    ("rated rating ratings stars score", "rating score stars"),
    ("mail email emails mails", "email mail"),
    ("phone telephone mobile phones", "phone telephone mobile"),
    ("country countries nation nations", "country nation"),
    ("town towns city cities", "city town"),
    ("temperature temperatures temp", "temperature temp"),
    ("rain rainfall precipitation rained rainy", "rain precipitation"),
    ("remotely", "remote"),
    ("vendor vendors supplier suppliers manufacturer", "supplier vendor manufacturer"),
    ("client clients customer customers buyer buyers", "customer client buyer customer_name"),
    ("writer writers author authors wrote written", "author writer"),
    ("published publication released", "published year release date"),
    ("position positions role roles", "job_title position role title"),
    ("ordered order purchased bought placed", "order_date ordered purchase date"),
    ("pupil pupils student students", "student pupil name"),
    ("stocked stock inventory", "stock in_stock inventory"),
    ("state status", "status state"),
    ("donated donate gave given", "donation donated amount"),
    ("dept", "department"),
    ("supply supplies supplied", "supplier"),
    ("returned returning responded response code answered", "status"),
    ("page pages url endpoint route requested", "path url page endpoint"),
    ("address addresses host", "ip address host"),
    ("severity", "level severity"),
    (
        "leave leaves leaving left depart departs departing departed departure departures",
        "departure depart departs leave leaves leaving start",
    ),
    ("arrive arrives arriving arrived arrival arrivals", "arrival arrive arrives arriving end"),
    ("late delayed delay delays lateness", "delay late lateness"),
    ("pay pays paying paid payment payments payroll", "amount salary total wage"),
    ("person", "person name employee member user paid"),
    ("earner earners", "salary wage pay income"),
    ("spender spenders", "spent total amount"),
    ("donor donors", "donation donated"),
    ("scorer scorers", "score points goals"),
    ("ended ending failed finished", "status"),
    ("message messages text", "message text msg"),
    ("speed", "wind speed velocity"),
    ("passenger passengers traveller travellers riders", "passengers riders"),
    ("visit visits visitor guest guests", "visitors visits guests"),
    ("wait waited waiting", "wait waiting"),
    ("lasted lasts last took duration", "duration minutes length"),
    ("ate drank used consumed consumption", "consumption usage quantity"),
    ("weather", "weather condition"),
)
COLUMN_WORDS: dict[str, tuple[str, ...]] = {}
"""Word → words in names of columns that it may stand for."""
for _words, _columns in _GROUPS:
    for _word in _words.split():
        COLUMN_WORDS[_word] = (*COLUMN_WORDS.get(_word, ()), *_columns.split())

VERBS = frozenset(
    """
    sold bought buys ordered order purchased placed started joined gave donate donated published
    released wrote written hired recruited employed registered signed
    spent spend spends born requested supply supplies supplied
    leave leaves leaving left depart departs departing departed
    arrive arrives arriving arrived pay pays paying paid ended
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Those of these words that say what happened, and need not ask for the column."""

ADDITIVE = frozenset(
    """
    sales revenue total amount quantity units visitors orders sum cost costs profit expenses spent
    donation donations sold turnover income rain visits clicks views goals points downloads views
    passengers guests attendees participants riders deaths cases births copies likes
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words in names of columns whose values are added up when groups are compared."""

MONEY = frozenset("expense payment donation cost bill invoice fee expenditure spending".split())  # noqa: SIM905 -- as in the lexicon
"""What rows may be called of which each has an amount of money, in the singular."""

BAD = frozenset(
    "delay late lateness error failure defect complaint cost latency loss downtime wait".split()  # noqa: SIM905 -- as in the lexicon
)
"""Words in names of columns of which less is better."""

INTENSIVE = frozenset("price rate score average avg mean max min temp temperature per age".split())  # noqa: SIM905 -- as in the lexicon
"""Words in names of columns whose values are never added up, whatever else is in the name."""

WHO = (
    "name",
    "person",
    "customer",
    "employee",
    "student",
    "author",
    "user",
    "client",
    "member",
    "contact",
    "paid",
    "owner",
    "player",
    "seller",
    "agent",
    "assignee",
    "speaker",
    "author",
)
"""Words in names of columns that answer `who`, likeliest first."""

PEOPLE = {
    "men": ("male", "m", "man"),
    "women": ("female", "f", "woman", "w"),
    "males": ("male", "m"),
    "females": ("female", "f"),
    "boys": ("male", "m", "boy"),
    "girls": ("female", "f", "girl"),
    "warning": ("warn", "warning"),
    "warnings": ("warn", "warning"),
}
"""Word → values that it may stand for, in lower case."""

LABELS = (
    "name",
    "title",
    "label",
    "product",
    "item",
    "student",
    "customer",
    "employee",
    "person",
    "city",
    "country",
)
"""Words in names of columns that tell what a row is, likeliest first."""

NOUNS = {
    "employee": "employees staff workers colleagues people person",
    "customer": "customers clients people person buyers",
    "order": "orders purchases",
    "product": "products items articles goods",
    "book": "books novels titles",
    "contact": "contacts people person donors",
    "exam": "students pupils",
    "expense": "purchases payments purchase payment",
    "weather": "measurements",
    "log": "requests lines entries request line entry",
    "student": "students pupils people",
    "server": "requests request visits",
    "person": "people persons",
    "sale": "sales transactions",
}
"""Word in the name of a file → what its rows may be called."""
