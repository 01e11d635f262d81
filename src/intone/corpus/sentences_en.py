"""English sentences by the thousand from a grammar of our own, and salads of rare words.

A template is a sentence with slots; `{person}` asks for a person, `{handle.past}` for the
past of something done with a thing. What a slot may hold is in `_Slots`.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from intone.core.errors import CorpusError
from intone.corpus.spelled_numbers import cardinal, clock_time, ordinal, year
from intone.corpus.words_en import Verb, plural, verb, with_article, words

LONGEST_WORDS = 25
SHORTEST_WORDS = 3

_TEMPLATES = """
{A} {handle.past} {the thing}.
{A} {handle.past} {the thing} {adverb}.
{A} {adverb} {handle.past} {the thing} {pre} {the place}.
{A} {frequency} {handle.present} {the thing} before {handle.ongoing} {the thing}.
{A} {act.past} {adverb} {pre} {the place}, and {the person} {act.past} too.
{A} {act.past}, {act.past} and {act.past} until {day}.
{A} was {act.ongoing} when {the person} {act.past}.
{A} {go.past} {pre} {the place} {pre} {the place}.
{A} {go.past} to {where} in {month} and came back in {month}.
{A} had {act.participle} for {amount} when {the weather} came.
{A} will {handle.base} {the thing} {when}.
{A} must not {handle.base} {the thing}, {name}.
{A} {say.past} that {a} would {handle.base} {the thing}.
{A} {say.past} that {the person} had {meet.participle} {the person} in {where}.
{A} {say.present} that {name} is {degree} {adjective}, but nobody {say.present} so.
{A} {meet.past} {the person} and {meet.past} {the person}.
{A} {meet.past} {name} {name} {when}.
{A} has never {meet.participle} {a person} as {adjective} as {name}.
{A} {consume.past} {the food} with {food} and {food}.
{A} {consume.past} {number} {foods}, {number} {foods} and {a food}.
{A} would rather {consume.base} {food} than {food}.
{A} bought {number} {things} and {number} {things} for {amount of money}.
{A} put {the thing} {pre} {the thing} and {the thing} {pre} {the thing}.
{A} hurt {his} {body} while {act.ongoing} {pre} {the place}.
{A} gave {the person} {a thing}, {a thing} and {a adjective} {thing}.
{A} {act.past} like {a animal}.
{A} lost {his} {thing} somewhere between {where} and {where}.
{A} is as {adjective} as {a animal} and as {adjective} as {a animal}.
{A} keeps {number} {animals} and {a animal} {pre} {the place}.
{A} was born on {the date}, {year}.
{A} ran {number} miles in {amount}.
{The thing} {pre} {the place} is {degree} {adjective}.
{The thing} was {adjective}, {adjective} and {degree} {adjective}.
{The thing} costs {amount of money}, which is {degree} {adjective}.
{The thing} was {handle.participle} by {the person} from {where}.
{The thing} with the {colour} {thing} belongs to {name} {family}.
{The things} were {handle.participle} {adverb} and {handle.participle} again {when}.
{The animal} {act.past} {pre} {the place}.
{The animal} chased {the animal} {pre} {the thing} and {pre} {the place}.
{The animals} of {where} are {adjective}, but {the animals} of {where} are {adjective}.
{The food} smells {adjective}, and {the food} tastes {degree} {adjective}.
{The place} is {number} {units} from {the place}.
{The place} was {adjective}, and {the weather} made it {adjective}.
{The place} opens at {time} and closes at {time}.
{The weather} {act.past} {pre} {the place} all night.
{Abstract} is the {abstract} of {abstract}.
{Abstract} and {abstract} are {degree} {adjective}.
{Abstract} without {abstract} is like {a thing} without {a thing}.
{His abstract} was {degree} {adjective}, and so was {his} {abstract}.
There is {a animal} {pre} {the thing}.
There are {number} {things} {pre} {the place}, and {number} of them are {adjective}.
There was {adjective} {weather} over {where} and {where}.
There was no {abstract} in {his} {body}, only {abstract}.
Where did {a} {handle.base} {the thing}?
Where is {the adjective} {thing}?
When will {the person} {act.base}?
When does {the place} open, at {time} or at {time}?
Why is {the thing} so {adjective}?
Why did {a} {meet.base} {the person} {when}?
Who {handle.past} {the thing} {pre} {the place}?
Who is {name} {family}?
What does {the person} {say.base}?
What {adjective} {things}!
What {a adjective} {animal}!
How {adjective} {the place} is {when}!
How many {things} does {the person} need?
How long did {a} {act.base} {pre} {the place}?
Have you {handle.participle} {the thing} yet?
Do you {frequency} {consume.base} {food} with {food}?
Did {the person} {meet.base} {name}, or did {name} {meet.base} {the person}?
Is {the animal} {adjective}, or is it {adjective}?
Can {a} {handle.base} {the thing} without {a thing}?
Would you like {food}, {food} or {food}?
Could you {handle.base} {the thing}, please?
Are {the things} {colour} or {colour}?
Please {handle.base} {the thing} {adverb}.
Please {go.base} {pre} {the place} and {handle.base} {the thing}.
{Handle.base} {the thing}, {handle.base} {the thing}, and {act.base}.
{Handle.base} {the thing} before {time}, {name}!
{Meet.base} {the person} {adverb}.
{Act.base}, {name}, {act.base}!
{Act.base} {adverb}.
Never {handle.base} {a thing} with {a adjective} {thing}.
Never {meet.base} {a person} who {act.present} {adverb}.
Let us {go.base} {pre} {the place} {when}.
Let me {handle.base} {the thing} first.
If {a} {handle.present} {the thing}, {the person} will {act.base}.
If {the weather} comes, we {handle.base} {the things} and {go.base} to {the place}.
If I were {a animal}, I would {act.base} {pre} {the place}.
When {the person} {act.past}, {the person} {act.past} as well.
When {the weather} ended, {a} {go.past} {pre} {the place}; {name} {act.past}.
While {a} {act.past}, {the animal} {consume.past} {the food}.
Because {the thing} was {adjective}, {a} {handle.past} {the thing}.
Although {a} {act.past}, {his} {body} was {adjective}.
Before {time}, {the person} {handle.past} {number} {things}.
After {number} {units}, {the person} {meet.past} {the person}.
At {time} {the person} {act.past} {pre} {the place}.
At {time} on {day}, {name} {family} will {act.base} in {where}.
On {day} {a} {consume.past} {food}, and on {day} {food}.
On {the date}, {the place} was full of {things}.
In {year}, {name} {family} {handle.past} {the adjective} {thing}.
In {where} {people} {frequency} {consume.base} {food} with {food}.
In {month} {the weather} is {adjective}, but in {month} it is {adjective}.
From {where} to {where} it takes {amount} by {thing}.
With {abstract} and {abstract}, {a} {handle.past} {the thing}.
Without {abstract}, {people} {act.base} {adverb}.
Under {the thing} {a} found {a thing}, {a thing} and {amount of money}.
Neither {the person} nor {the person} {handle.past} {the thing}.
Both {the animal} and {the animal} {act.past} {adverb}.
Either {name} {act.past}, or {the person} {handle.past} {the thing}.
Not every {person} is {adjective}; some are {adjective}.
Nobody {pre} {the place} {say.past} that {the thing} was {adjective}.
Everybody {pre} {the place} {act.past} when {the person} {act.past}.
Somebody {handle.past} {his} {colour} {thing} {when}.
Most {people} {frequency} {act.base}, but {people} {act.base} {adverb}.
Every {ordinal} {person} {handle.past} {a thing}.
The {ordinal} {thing} is {colour}, and the {ordinal} is {colour}.
The {ordinal} of {month} is {a day}.
The {adjective} {person}, who {handle.past} {the thing}, {act.past} {adverb}.
The {person} whose {thing} was {adjective} {say.past} that {a} {act.past}.
The more {the person} {act.past}, the more {the person} {act.past}.
The number is {digits}.
{Number} {things} and {number} {things} make {number} {things}.
{Number} {people} {act.past}, and {number} {people} {act.past}.
{Number} percent of {the people} {handle.past} {a thing}.
{Number} {units} of {food} cost {amount of money}.
{Name} {family}, {the person} from {where}, {act.past} {adverb}.
{Name}, {name} and {name} {go.past} {pre} {the place}.
{Name} is {his} {person}, and {name} is {the person}.
{Name} {act.past}.
Yes, {the thing} is {adjective}.
No, {a} did not {handle.base} {the thing}.
Well, {the person} {act.past}, and that was that.
Oh, {a adjective} {animal}!
Thank you, {name}, for {the adjective} {thing}.
Good morning, {name}.
Good evening, {name} {family}; {the thing} is {adjective}.
I {say.base} that {name} {act.past}.
I have {number} {things}, but no {thing}.
We {handle.past} {the thing} with {a thing} and {a thing}.
You should {frequency} {handle.base} {the thing} after {handle.ongoing} {the thing}.
They {act.past} and {act.past}, {adverb} and {adverb}.
It was {time} when {the person} {act.past}.
It was not {the person} but {the person} who {handle.past} {the thing}.
It is {adjective} to {handle.base} {a thing} {pre} {a place}.
"""
_TEMPLATE_LINES = tuple(line for line in _TEMPLATES.splitlines() if line)

_SLOT = re.compile(r"\{([^{}]+)\}")
_POSSESSIVES = ("his", "her", "my", "your", "our", "their")
_WHENS = (
    "today yesterday tomorrow tonight soon later again now twice once|this morning|this evening|"
    "last night|last week|next week|next year|every day|all day long|at noon|at midnight|"
    "before dawn|after lunch|in the afternoon|a moment ago|a long time ago|in the end|at once"
)
_WHEN = tuple(_WHENS.split("|")[0].split()) + tuple(_WHENS.split("|")[1:])
_VERBS = ("handle", "consume", "meet", "act", "say", "go")
_PLURAL_LISTS = ("thing", "animal", "person", "food", "unit")


class _Deck:
    """Entries in a random order, each drawn once before any is drawn again."""

    def __init__(self, entries: Sequence[str], random: random.Random) -> None:
        self._entries, self._random = entries, random
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = self._random.sample(self._entries, len(self._entries))
        return self._left.pop()


class _Slots:
    """Fills one slot of a template. Knows words and numbers; blind to the sentence around it."""

    def __init__(self, random: random.Random) -> None:
        self._random = random
        self._decks = {name: _Deck(entries, random) for name, entries in words().items()}
        self._verbs: dict[str, Verb] = {
            entry: verb(entry) for name in _VERBS for entry in words()[name]
        }
        self._special: dict[str, Callable[[], str]] = {
            "a": self._subject,
            "his": lambda: random.choice(_POSSESSIVES),
            "his abstract": lambda: f"{random.choice(_POSSESSIVES)} {self._word('abstract')}",
            "name": lambda: self._word("first"),
            "when": lambda: random.choice(_WHEN),
            "pre": lambda: self._word("preposition"),
            "people": self._people,
            "the people": lambda: f"the {self._people()}",
            "number": self._number,
            "ordinal": lambda: ordinal(random.randint(1, 99)),
            "year": lambda: year(random.randint(1_100, 2_060)),
            "time": lambda: clock_time(random.randrange(24 * 12) * 5),
            "the date": lambda: f"the {ordinal(random.randint(1, 28))} of {self._word('month')}",
            "amount": lambda: f"{self._number()} {plural(self._time_unit())}",
            "amount of money": lambda: f"{self._number()} {random.choice(('dollars', 'pounds'))}",
            "digits": lambda: " ".join(cardinal(random.randrange(10)) for _ in range(7)),
        }

    def fill(self, slot: str) -> str:
        """What stands in a slot; a capital in its name asks for one here."""
        if slot[0].isupper():
            filled = self._fill(slot[0].lower() + slot[1:])
            return filled[0].upper() + filled[1:]
        return self._fill(slot)

    def _fill(self, slot: str) -> str:
        if slot in self._special:
            return self._special[slot]()
        if slot.startswith("a "):
            return with_article(self._described(slot[2:]))
        if slot.startswith("the "):
            article = self._random.choice(("the", "the", "the", *_POSSESSIVES, "this", "that"))
            described = self._described(slot[4:])
            if slot[4:].endswith("s") and article in ("this", "that"):
                article = {"this": "these", "that": "those"}[article]
            return f"{article} {described}"
        name, _, form = slot.partition(".")
        if form:
            return str(getattr(self._verbs[self._decks[name].draw()], form))
        return self._word(name)

    def _described(self, name: str) -> str:
        """A noun, now and then behind an adjective, a colour or a degree."""
        noun = self._word(name)
        draw = self._random.random()
        if name == "adjective" or draw > 0.45:
            return noun
        if draw < 0.25:
            return f"{self._word('adjective')} {noun}"
        if draw < 0.35 and name.startswith(("thing", "animal")):
            return f"{self._word('colour')} {noun}"
        if draw < 0.40:
            return f"{self._word('degree')} {self._word('adjective')} {noun}"
        return noun

    def _word(self, name: str) -> str:
        if name.endswith("s") and name[:-1] in _PLURAL_LISTS:
            return plural(self._decks[name[:-1]].draw())
        return self._decks[name].draw()

    def _subject(self) -> str:
        """Someone who does something, in the third person."""
        draw = self._random.random()
        if draw < 0.3:
            return self._word("first")
        if draw < 0.36:
            return f"{self._word('first')} {self._word('family')}"
        if draw < 0.56:
            return self._random.choice(("he", "she", "nobody", "everyone", "someone"))
        if draw < 0.9:
            return self._fill("the person")
        return self._fill("a person")

    def _people(self) -> str:
        return plural(self._word("person"))

    def _number(self) -> str:
        highest = self._random.choice((12, 30, 100, 1_000, 10_000))
        return cardinal(self._random.randint(2, highest))

    def _time_unit(self) -> str:
        return self._random.choice(("minute", "hour", "day", "week", "month", "year", "second"))


def sentences(count: int, seed: int = 0) -> list[str]:
    """`count` distinct sentences of 3 to 25 words; the same seed gives the same ones.

    Digits do not occur: numbers, years and times are written as words. Raises
    `CorpusError` if the grammar does not yield so many.
    """
    found: dict[str, None] = {}
    for sentence in _endless(seed):
        found.setdefault(sentence)
        if len(found) >= count:
            break
    if len(found) < count:
        raise CorpusError(f"the grammar made {len(found)} sentences, not {count}; ask for fewer")
    return list(found)


def word_salad(count: int, seed: int = 0) -> list[str]:
    """`count` rows of 4 to 12 dictionary words, chosen so that rare pairs of phones occur.

    The words have no meaning together; mix them in where a corpus lacks sounds.
    """
    from intone.text.english.lexicon import Lexicon

    source = random.Random(f"salad {seed}")
    lexicon = {
        word: phones
        for word, phones in sorted(Lexicon().words().items())
        if word.isascii() and word.isalpha() and 3 <= len(word) <= 12 and set(word) & set("aeiouy")
    }
    known = list(lexicon)
    heard: Counter[tuple[str, str]] = Counter()
    rows = []
    for _ in range(count):
        row = []
        for _ in range(source.randint(4, 12)):
            word = min(source.sample(known, 12), key=lambda w: _rarity(lexicon[w], heard))
            heard.update(_pairs(lexicon[word]))
            row.append(word)
        rows.append(" ".join(row).capitalize() + ".")
    return rows


def _endless(seed: int) -> Iterator[str]:
    """Sentences that are not too long or short, without end in practice."""
    source = random.Random(f"sentences {seed}")
    slots = _Slots(source)
    templates = _Deck(_TEMPLATE_LINES, source)
    fruitless = 0
    while fruitless < 10_000:
        sentence = _SLOT.sub(lambda match: slots.fill(match[1]), templates.draw())
        sentence = sentence[0].upper() + sentence[1:]
        if SHORTEST_WORDS <= len(sentence.split()) <= LONGEST_WORDS:
            fruitless = 0
            yield sentence
        else:
            fruitless += 1


def _pairs(phones: Sequence[str]) -> list[tuple[str, str]]:
    bare = [phone.rstrip("012") for phone in phones]
    return list(zip(bare, bare[1:], strict=False))


def _rarity(phones: Sequence[str], heard: Counter[tuple[str, str]]) -> float:
    """Low for a word whose pairs of phones were hardly heard yet."""
    pairs = _pairs(phones)
    return sum(heard[pair] for pair in pairs) / max(1, len(pairs)) if pairs else float("inf")
