"""Words and phrases that mean something in requests about tables, by what they mean.

A concept has senses; the phrases of a sense are separated by semicolons.
"""

from __future__ import annotations

from collections.abc import Mapping

CONCEPTS: Mapping[str, Mapping[str, str]] = {
    "COUNT": {
        "": (
            "how many; number of; the number of; count of; count; counts; how often; how many "
            "times; total number of; tally; counting"
        ),
    },
    "MUCH": {
        "": "how much; how long; how big; how large; how high",
    },
    "AGG": {
        "mean": "mean; average; avg; on average; averages; typical; averaged",
        "median": "median; medians",
        "sum": (
            "sum; total; sum of; in total; altogether; add up; sum up; totals; summed; adding up; "
            "in all; all together; grand total; overall; combined; total up"
        ),
        "std": "std; standard deviation; deviation; stdev",
        "var": "variance",
        "range": "range; spread",
    },
    "SUPER": {
        "max": "highest; largest; biggest; greatest; most; maximum; max; best; top; peak",
        "min": "lowest; smallest; least; fewest; minimum; min; worst; weakest",
    },
    "FREQUENT": {
        "max": (
            "most common; most frequent; most often; most popular; commonest; mode of; most "
            "frequently"
        ),
        "min": "least common; rarest; least frequent; least often; least popular",
    },
    "FIRST": {
        "": "first; head; on top; at the top",
        "last": "last; final; tail",
    },
    "PER": {
        "": (
            "by; per; for each; for every; in each; each; every; grouped by; broken down by; "
            "split by; across; within each; depending on; for each of; at each; on each; of each; "
            "by each; group by; group them by; grouped per; one row per; rows per; in every; for "
            "all; each of; separately for each; according to; of every; with each; from each; "
            "split up by; by the"
        ),
    },
    "ACROSS": {
        "": "one column per; columns per; against; a column per; a column for each; versus",
    },
    "SORT": {
        "": (
            "sorted by; sort by; order by; ordered by; ranked by; sort; sorted; rank; order them "
            "by; sort them by; arranged by; arrange; rank by; in order of; ranked; sort the rows "
            "by; ordered; sort it by; sort the table by; sorted on; arrange by"
        ),
    },
    "DESC": {
        "": (
            "descending; descending order; in descending order; highest first; largest first; "
            "desc; from highest to lowest; from high to low; from most to least; decreasing; "
            "biggest first; from largest to smallest; starting with the highest; best first; most "
            "first; in decreasing order; from best to worst; from newest to oldest; z to a; "
            "reversed; in reverse order; starting with the largest"
        ),
    },
    "ASC": {
        "": (
            "ascending; ascending order; in ascending order; lowest first; smallest first; asc; "
            "from lowest to highest; from low to high; from least to most; increasing; from "
            "smallest to largest; alphabetically; in alphabetical order; alphabetical order; by "
            "date; a to z; in increasing order; from oldest to newest; chronologically; in "
            "chronological order; starting with the lowest; fewest first"
        ),
    },
    "MISSING": {
        "": (
            "missing; empty; blank; null; nan; not filled in; not set; nulls; blanks; not filled; "
            "not known; unknown; left empty; left blank; empty cells; gaps; not available"
        ),
    },
    "LACKING": {
        "": (
            "without; without a; without an; without any; no; lacks; lack; have no; has no; "
            "lacking; don't have; doesn't have; do not have; does not have; have not; with no; "
            "don't have a; do not have a; don't have an; do not have an; doesn't have a; does not "
            "have a; had no"
        ),
    },
    "DISTINCT": {
        "": "distinct; unique; different; various",
    },
    "DUPLICATE": {
        "": (
            "duplicate; duplicates; duplicated; duplicate rows; repeated; twice; more than once; "
            "several times; double; doubled"
        ),
    },
    "DROP": {
        "": (
            "remove; drop; delete; without; get rid of; throw out; deduplicate; take out; removing"
        ),
    },
    "SHARE": {
        "percent": (
            "percentage of; what percentage of; percent of; what percent of; percentage; percent; "
            "how many percent of; what percentage; what percent; in percent; % of; as a "
            "percentage; as percentages; what % of; the percentage of; as a percent; percentages"
        ),
        "share": (
            "share of; what share of; proportion of; fraction of; what fraction of; share; what "
            "proportion of; ratio of; proportion; fraction; shares; what part of; part of"
        ),
    },
    "WHERE": {
        "": (
            "where; whose; which have; that have; having; who have; that has; with; which has; "
            "that had; for whom; only those with; only"
        ),
    },
    "WHICH": {
        "": "which; what; name the; whose",
    },
    "WHO": {
        "": "who; whom; who has; who had; whoever",
    },
    "WHEN": {
        "": (
            "when; on which date; on what date; what date; which date; what day; which day; at "
            "what time; what time; at which time"
        ),
    },
    "LIST": {
        "": (
            "list; show; show me; display; give me; print; find; select; get; output; tell me; "
            "keep; filter; look up; return; fetch; name; filter for; pick; extract; only show"
        ),
    },
    "AND": {
        "": "and; and also; but; as well as; plus",
    },
    "OR": {
        "": "or; or else",
    },
    "NOT": {
        "": (
            "not; other than; except; excluding; except for; apart from; besides; aside from; not "
            "in; not from; isn't; aren't; not counting; wasn't; weren't; is not; are not; were "
            "not; was not; outside; outside of; leaving out; ignoring; but not; didn't; did not; "
            "hasn't; haven't; don't; doesn't; do not; does not"
        ),
    },
    "BETWEEN": {
        "": "between; in the range; from",
    },
    "CONTAINS": {
        "contains": (
            "containing; contains; contain; including; includes; include; mentions; mention; "
            "mentioning; with the word; has the word; have the word; contains the word; with the "
            "text; containing the word; that says; matching; in its name; in their name; in the "
            "name"
        ),
        "starts": (
            "starting with; starts with; start with; begins with; begin with; beginning with; "
            "starts with the letter; starting with the letter; start with the letter; begin with "
            "the letter; begins with the letter; beginning with the letter"
        ),
        "ends": "ending with; ends with; end with; ending in; ends in; end in; ends on; ending on",
    },
    "CMP": {
        ">": (
            "greater than; more than; larger than; higher than; above; over; exceeding; exceeds; "
            "exceed; bigger than; in excess of; is greater than; is more than; is above; is over; "
            "are above; are over; was above; was over; were above; were over; of more than; of "
            "over; beyond; better than; greater; is higher than; is larger than; were higher "
            "than; was higher than"
        ),
        "<": (
            "less than; fewer than; smaller than; lower than; below; under; is less than; is "
            "below; is under; are below; are under; was below; were below; of less than; of "
            "under; worse than; were under; was under; is lower than; is smaller than; was lower "
            "than"
        ),
        ">=": (
            "at least; no less than; not less than; minimum of; not below; not under; a minimum "
            "of; is at least; of at least; not fewer than; no fewer than; from at least"
        ),
        "<=": (
            "at most; no more than; not more than; up to; maximum of; not above; not over; a "
            "maximum of; is at most; of at most; no greater than"
        ),
        "==": (
            "is equal to; equal to; equals; is exactly; exactly; is; are; was; were; of exactly; "
            "being; is a; is an; equal; is the"
        ),
    },
    "ATLEAST": {
        ">=": (
            "or more; and above; or above; and up; or over; or higher; or better; or greater; and "
            "over; and more; upwards; or later; or older"
        ),
        "<=": (
            "or less; or fewer; or below; and below; or under; or lower; and under; or cheaper; "
            "or earlier; or younger"
        ),
    },
    "AFTER": {
        ">": "after; later than; following",
        "<": "before; earlier than; prior to",
        ">=": "since; starting; on or after; as of; beginning",
        "<=": "until; till; through; up to; on or before; by the end of",
    },
    "ROWS": {
        "": (
            "rows; row; records; record; entries; entry; observations; observation; lines; items; "
            "cases; data points; line; item"
        ),
    },
    "COLUMNS": {
        "": "columns; column names; fields; column; field; headers; header; variables",
    },
    "TABLE": {
        "": "file; table; data; dataset; csv; frame; data set; sheet; spreadsheet; json; contents",
    },
    "CORRELATE": {
        "": (
            "correlation; correlate; correlated; correlates; related; correlation coefficient; "
            "relate; relationship; associated; connected; strongly correlated; correlations; "
            "coefficient"
        ),
    },
    "PIVOT": {
        "": (
            "pivot; pivot table; cross table; crosstab; cross-tabulate; cross tabulation; cross "
            "tab; cross-tabulation; contingency table; crosstabulation; matrix; cells; in the "
            "cells"
        ),
    },
    "JOIN": {
        "": (
            "join; merge; combine; joined; merged; link; match; look up; lookup; combined with; "
            "joining"
        ),
    },
    "PERCENTILE": {
        "": "percentile; quantile; th percentile; percentile of",
    },
    "PROFILE": {
        "": (
            "profile; describe; summarize; summarise; overview; summary; inspect; explore; "
            "statistics; summary statistics; descriptive statistics; an overview; structure"
        ),
    },
    "TIMES": {
        "": "times; multiplied by; x",
    },
    "RATIO": {
        "": "divided by; ratio of; relative to",
    },
    "MORE": {
        ">": (
            "how much more; how many more; how much higher; how much larger; how much bigger; how "
            "much greater; how much longer; how much warmer; how much better; by how much more"
        ),
        "<": (
            "how much less; how many fewer; how much lower; how much smaller; how much shorter; "
            "how much cooler; how many less"
        ),
    },
    "TIMESAS": {
        "": (
            "how many times as much; how many times as many; how many times more; how many times "
            "higher; how many times larger; how many times bigger; how many times as high; how "
            "many times as large"
        ),
    },
    "MINUS": {
        "": "minus; subtracted by; difference between; difference of; difference",
    },
    "EACHDATE": {
        "month": "month; monthly; months; calendar month",
        "year": "year; yearly; annual; annually; years; calendar year",
        "weekday": "weekday; day of the week; days of the week; weekdays; which weekday",
        "quarter": "quarter; quarterly; quarters",
        "week": "week; weekly; weeks; calendar week",
        "day": "day; daily; days; date; dates; calendar day",
        "hour": "hour; hourly; hours; hour of the day; hour of day; hour of the day",
    },
    "LAST": {
        "": "latest; newest; most recent; most recently; last",
        "min": "earliest; oldest",
    },
    "LOOKS": {
        "": (
            "tidy; tidy up; clean; clean up; normalize; normalise; standardize; standardise; "
            "unify; stray spaces; spaces; upper lower case; upper; lower; case; capitalisation; "
            "capitalization; spelling; trim; whitespace; ignoring case; ignoring spaces; cleaned "
            "up"
        ),
    },
    "RUNLENGTH": {
        "": (
            "longest run of; longest streak of; longest stretch of; in a row; consecutive; "
            "longest streak; longest run; longest series of; longest stretch; longest period; "
            "longest period of; longest period without; successive; one after the other; running"
        ),
    },
    "ROUND": {
        "": "rounded; round; rounded to; to the nearest; decimal places; decimals; decimal",
    },
    "PLOT": {
        "": (
            "plot; chart; graph; draw; visualize; visualise; picture; diagram; figure; plots; "
            "charts; plot of; chart of; graph of; a plot of; picture of; visualization of"
        ),
        "histogram": "histogram; histogram of; distribution; distribution of; histograms",
        "scatter": "scatter; scatter plot; scatterplot; scatter chart; scatter graph",
        "bar": "bar chart; bars; bar; barplot; bar plot; bar graph; column chart; bar diagram",
        "line": (
            "line chart; line plot; line graph; trend; line diagram; time series; curve; line of; "
            "develop; developed; development of; over time; trend of; evolution of"
        ),
        "box": "box plot; boxplot; box; box plots; boxplots; box and whisker plot",
    },
    "COLOUR": {
        "": "coloured by; colored by; color by; colour by; coloured; colored; color; colour",
    },
    "VS": {
        "": "against; vs; versus; over; as a function of; depending on",
    },
    "SAVE": {
        "": (
            "save; saved; store; write; export; put; saving; save it; save the result; save that; "
            "save them; save this; write it; write them; export it; export them; call it; name it"
        ),
    },
    "CONVERT": {
        "": "convert; turn; export; transform; save; write",
    },
    "ADD": {
        "": "add; create; compute; append; insert; new; calculate; with a new",
    },
}

NEUTRAL = frozenset(
    """
    live lives lived living work works worked working come comes came coming belong belongs
    made make makes take takes took placed place places occur occurs occurred exist exists
    happen happens happened located based situated recorded listed registered named called
    appear appears stand stands altogether currently so far just actually please thanks thank
    you hi hello hey see look also then now finally want need like would use using used via
    full whole entire complete overall respective corresponding given result results answer
    values them they their those these that such some all any both itself own kind kinds sort
    type types there here ever quickly simply really exactly roughly about got went did do does
    done had has have having be been being was were is are am going every everything scored
    achieved received reached fall falls fell lie lies anything everybody everyone anybody
    anyone somebody someone amounts amount people person persons show report present mentioned
    contained included marked labelled labeled tagged categorized categorised classified say
    says file according across within into onto in of to from for with as question i'd i'm i'll
    we we'd us our my me mine it its it's this let's lets can could should may might shall will
    won't wonder know figure find finding give gives told tell yet already go goes travel
    travelled traveled travels still we've get gets getting sell sells sold bring brings
    brought buy buys bought order ordered orders o'clock
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words that may be left unexplained in questions about a table, unless they name a part of it."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, day in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())  # noqa: SIM905 -- as in the lexicon
    for name in (day, f"{day}s")
}
MULTIPLIERS = {
    "k": 1_000, "thousand": 1_000, "million": 1_000_000, "millions": 1_000_000, "m": 1_000_000,
    "mio": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000, "hundred": 100,
}  # fmt: skip
CURRENCIES = frozenset("euro euros dollar dollars usd eur pound pounds gbp bucks".split())  # noqa: SIM905 -- as in the lexicon
CURRENCY_SIGNS = frozenset("$€£¥")
