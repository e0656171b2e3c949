"""English words that tell what kind of word stands beside them, or what a name is of."""

from __future__ import annotations

DETERMINERS = frozenset("the a an this that these those my our your its his her their".split())
AUXILIARIES = frozenset(
    """is are was were be been being do does did has have had can could will would shall should may
    might must isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't
    won't 's 're""".split()
)
DOING = frozenset("do does did can could will would shall should may might must".split())
"""Auxiliaries after whose subject a verb stands in its plain form."""
QUANTITIES = frozenset(
    """two three four five six seven eight nine ten eleven twelve dozens hundreds thousands
    millions several some few many most all both another each every""".split()
)
PREPOSITIONS = frozenset(
    """of in on at to for from by with about into over after before between during against through
    under near off up down out around without within since until till per as than like across
    along behind beside beyond despite toward towards upon via""".split()
)
CONJUNCTIONS = frozenset("and or but if that because while when where who which so nor".split())
PRONOUNS = frozenset(
    """i you he she it we they me him us them mine yours hers ours theirs who whom whose what which
    this that these those there here then anyone anybody someone everyone everybody nobody none
    something anything everything nothing""".split()
)
ADVERBS = frozenset(
    """not now today yesterday tomorrow tonight again already still yet ever never first last
    once also too just really exactly currently recently ago later earlier afterwards soon
    back""".split()
)
QUESTION_WORDS = frozenset(
    "who whom whose what which when where why how whos whats wheres hows whens".split()
)
FUNCTION_WORDS = (
    DETERMINERS | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | ADVERBS | QUESTION_WORDS
    | frozenset("many much more most some any all no other else s t please tell".split())
)  # fmt: skip
VERBS = frozenset(
    """said says say told tells tell made make makes got get gets won win wins lost lose took take
    takes came come comes went go goes gave give gives hit hits cut left led lead leads built
    held sold bought paid pay pays cost costs ran run runs began begin broke shot found saw seen
    known called named been stood stand stands fell rose kept put set sent brought wrote written
    spoke met died killed injured hurt happened happen happens work works worked own owns live
    lives lived voted show shows showed stop stops start starts want wants think thinks need
    needs mean means done taken given shown thrown""".split()
)
"""Frequent verb forms: what ends a noun phrase."""
STATES = frozenset(
    """open closed safe late true false right wrong dead alive available ready over complete free
    full empty high low old big large strong worth guilty legal possible responsible""".split()
)
TITLES = frozenset(
    """mr mrs ms miss dr sir dame lord lady prof professor rev reverend captain inspector judge
    president minister mayor king queen prince princess pope senator governor""".split()
)
FEMININE = frozenset(
    """mrs ms miss dame lady queen princess madam woman girl mother daughter wife sister aunt
    grandmother""".split()
)
MASCULINE = frozenset(
    """mr sir lord king prince pope man boy father son husband brother uncle grandfather""".split()
)
PERSONS = frozenset(
    """man woman boy girl child person captain mayor director minister president leader judge
    doctor teacher officer coach player author writer singer actor actress student scientist
    owner driver manager chief executive engineer head chair chairman chairwoman candidate
    victim witness suspect winner spokesman spokeswoman governor senator king queen prince
    princess pope pilot warden keeper treasurer vicar boss founder artist guard footballer
    comedian presenter father mother son daughter wife husband brother sister uncle aunt
    grandfather grandmother successor predecessor colleague""".split()
)
ROLES = frozenset(
    """speaker secretary justice rep sen gov gen pundit star congressman congresswoman singer
    theorist champion commissioner chancellor commander colonel sergeant pastor bishop""".split()
)
PLACES = frozenset(
    """country state city nation continent town island village place region county province capital
    street valley harbour port area district""".split()
)
ORGANISATIONS = frozenset(
    """company firm business party team club authority council union agency bank group outlet paper
    newspaper ministry government university airline automaker retailer board committee trust
    organisation organization court force army police""".split()
)
