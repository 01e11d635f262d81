"""Builds `src/intone/text/russian/lexicon.bin` from the dictionary of festvox-ru.

    python benchmarks/build_russian_lexicon.py       # needs festvox-ru and fortunes-ru (apt)

The dictionary gives the stressed syllable of 180,000 word forms, spelt without ё. Where the
stressed е of a form is ё, that follows from its grammar (живёт, решён, огонёк), from the stems
listed here, or from the spelling in texts that are careful about it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from intone.text.russian.graphemes import VOWEL_LETTERS, vowel_count
from intone.text.word_blocks import pack

DICTIONARY = Path("/usr/share/festival/voices/russian/msu_ru_nsh_clunits/dict/msu_ru_nsh_dict.scm")
CAREFUL = Path("/usr/share/games/fortunes/ru")
TARGET = Path(__file__).parents[1] / "src" / "intone" / "text" / "russian" / "lexicon.bin"
_ENTRY = re.compile(r'\("([а-яё-]+)" (\S+) \((\d+)\)\)')

# Syllables from 0, where the dictionary has another reading than the commonest, or none.
COMMONEST = """
дела 1 слова 1 парка 0 вожжи 0 когда 1 второй 1 ворота 1 воротах 1 дорого 0 выходить 2 выходила 2
воле 0 берег 0 августа 0 замок 0 мука 1 атлас 0 хлопок 0 орган 1 стоит 1 уже 1 потом 1 большая 1
большой 1 самого 0 самой 0 самом 0 города 0 голоса 0 дома 0 леса 0 глаза 1 привет 1 спасибо 1
пожалуйста 1 здравствуйте 0 здравствуй 0 извините 2 интернет 2 компьютер 1 телефон 2 мама 0 папа 0
также 0 тоже 0 чтобы 0 если 0 только 0 очень 0 можно 0 нужно 0 надо 0 сейчас 1 теперь 1 который 1
которая 1 которые 1 которого 1 которой 1 москва 1 москве 1 москвы 1 москву 1 россия 1 россии 1
россию 1 рубля 1 рублей 1 километра 2 километров 2 процент 1 процента 1 процентов 1 ноутбук 2 сайт
0 видео 0 файл 0 программа 1 программы 1 звонит 1 звонят 1 позвонит 2 включит 1 красивее 1 договор
2 каталог 2 квартал 1 торты 0 банты 0 средства 0 феномен 1 свекла 0 щавель 1 туфля 0 баловать 2
облегчить 2 эксперт 1 шофер 1 обеспечение 2 мышление 1 через 0 перед 0 должна 1 должны 1 городов 2
лесу 1 моря 0 начал 0 жила 1 сели 0 взяла 1 весело 0 смешно 1 больно 0 грустно 0 доброта 2
лекарство 1 новгород 0 пушкин 0 пушкина 0 толстой 1 сибирь 1 сибири 1 бегу 1 менеджер 0 менеджера
0 далеко 2 поле 0 декабрь 1 вести 1 еду 0 пришла 1 ничья 1 молотьба 2 косьба 1 когти 0 ногти 0
приняла 2 заняла 2 подняла 2 поняла 2 сняла 1 ждала 1 звала 1 брала 1 спала 1 ушла 1 дошла 1 зашла
1 прошла 1 нашла 1 вошла 1 сошла 1 отошла 2 подошла 2 перешла 2 произошла 3 умерла 2 прожила 2
отдала 2 продала 2 создала 2 передала 3 сделан 0 сделана 0 хлопот 1 новости 0 рубли 1 деньгами 1
деньгам 1 деньгах 1 щенки 1 ножей 1 врачей 1 столов 1 часов 1 часам 1 часах 1 минут 1 секунд 1 лет
0 темно 1 саду 1 снегу 1 году 1 берегу 2 углу 1 мосту 1 полу 1 краю 1 носу 1 глазу 1
вещей 1 руки 0 ноги 0 горе 0 горя 0 коротко 0 голову 0 счастлив 0 тени 0 пищи 0 порядку 1 кости 0
тупик 1 порочный 1 подложи 2 шиша 1 цените 1 кораблям 2 суждены 2 плутами 1 буровые 2 дарвин 0
выгодно 0 огурцам 2 болен 0 усмехнусь 2 кнуте 1 ответчик 1 пахнут 0 теорем 2 рабах 1 молодец 2
матерей 2 дизайнера 1 термину 0 девица 1 подставь 1 учитесь 1 дротик 0 базисное 0 подвиг 0 ноздри 0
долги 1 гостя 0 туфелькам 0 пользователями 0 лазером 0 спросите 1 губы 0 пятна 0 валенке 0 родины 0
юпитеру 1 минусы 0 кипишь 1 торопит 1 хватит 0 жалит 0 достигает 2 прожил 0 струны 0 крыло 1
аксиом 2 хвали 1 выносить 2 увы 1 мелочный 0 стрелок 1 соха 1 красив 1 красна 1 оцени 2 лебедем 0
завидуй 1 киев 0 милостыня 0 неучи 0 юношеских 0 печатании 1 пряники 0 кувшине 1 снегурочка 1
математикой 2 сатирика 1 наказываю 1 советчиков 1 слуги 0 смело 0 слепнет 0 трубы 0 перекись 0
памятка 0 сталинцев 0 сыгранных 0 самому 2 сбудется 0 подлинно 0 простынут 1 топаем 0 выхватывая 1
избегать 2 народным 1 ужинать 0 разводам 1 неоткуда 0 надобно 0 вынуждая 2 насмеюсь 2 ищущий 0
пиршестве 0 художественным 1 супружескими 1 ветру 0 выясни 0 одерживает 1 закапывает 1
достигаемой 2 достигают 2 нибудь 1
плавающую 0 плавающему 0 вырисована 0 природному 1 природного 1 природной 1 художественном 1
художественное 1 источнике 1 источника 1 источнику 1 кокетливый 1 кокетливее 1 заслуженно 1
уравновешенным 3 прибранность 0 приветливых 1 обманчивости 1 процессор 1 хакер 0 айсберг 0
комплексе 1 термодинамики 3 математики 2 социолога 2 винтиков 0 отдельно 1 загадивший 1
кончивший 0 кончившую 0 индиец 1 чирикнет 1 посуде 1 продвигает 2 завидующий 1
припудрить 1 крякнуть 0 донашивают 1 придерживай 1 разглаживает 1 состоянья 2 виндоус 0
"""
YO_WORDS = """
ещё её моё счёт счёта счёту счётом счёте полёт отчёт почёт чёрт чёрта черёд твоё своё своём твоём
чьё причём нипочём вдвоём втроём мёд лёд ёж ёлка ёлки ёлку ёлке ёлкой ёлок нём звёзды звёзд сёстры
сестёр жёны слёзы слёз вёсла гнёзда вёдра стёкла озёра озёр пчёлы пчёл берёза берёзы берёзу берёзе
берёзой берёз верёвка верёвки верёвку щёки щёк тётя тёти тёте тётю тётей тётка тётки клён орёл
козёл котёл осёл лён пёс костёр ковёр шатёр бобёр осётр молодёжь молодёжи чертёж платёж грабёж
галдёж делёж алёна артём семён пётр фёдор хрущёв горбачёв королёв киселёв соловьёв воробьёв
ковалёв лёва лёша лёня алёша серёжа лёгких лёгкого вперёд ёмкость ёмкости дёшево лёгок далёк
объём приём подъём заём наём съём водоём окоём проём чернозём плёнка плёнки плёнку пелёнка
гребёнка сгущёнка тушёнка зелёнка печёнка селёдка клёцка щётка щётки щётку кулёк мотылёк зверёк
паренёк огонёк василёк пенёк тёзка тёща тёщи тёще жёлудь жёрнов чёлка чёлн шёлк шёлка шёпот
шёпотом шёпота звёздочка бёдра рёбра ребёр рёв зёрна зёрен свёкла свёклы свёклу пёрышко пёстрый
вёрстка лёжка мёртв далёкая чёткость лёгкость лёгкости тёмный жёсткость твёрдость твёрдости
партнёрство партнёрства актёрский актёрская учёба учёбы учёбу учёбе учёбой расчёска причёска
причёски причёску оттёнок режиссёрский ёмкий ёлочка ёлочки ёжик ёжика мёда лёта полёта трёх
четырёх трём четырём тремя
"""
YO_STEMS = """
чёрн жёлт зелён твёрд лёгк лёгон тёмн тёпл мёртв чётк тяжёл весёл дешёв солён варён учён копчён
печён серьёзн надёжн жёстк пёстр звёздн далёк влюблён определён неопределён утончён отдалён
углублён напряжён возбуждён заключён осуждён подчинён удалён приближён обречён сокращён
непринуждён убеждён рождён вооружён отвлечён просвещён освещён посвящён полёт самолёт вертолёт
перелёт взлёт налёт отлёт звездолёт пулемёт миномёт счёт расчёт отчёт зачёт учёт почёт подсчёт
котёнок ребёнок телёнок цыплёнок утёнок актёр боксёр шахтёр режиссёр дирижёр вахтёр гримёр жонглёр
контролёр шофёр монтёр репортёр билетёр каскадёр дублёр суфлёр стажёр тренажёр гастролёр мушкетёр
партнёр визитёр волонтёр ухажёр минёр сапёр гренадёр фантазёр позёр коммивояжёр мёдик клён тёплот
серёжк алёшк дёрн сёмг жёлоб жёван подмётк намётк счётчик лётчик вертолётчик пулемётчик налётчик
переплёт заплёт черёд отчётн расчётн зачётн почётн учётн полётн самолётн поёжива чернозём приёмн
приёмник подъёмн подъёмник объёмн съёмк съёмн съёмочн приёмк наёмн наёмник заёмн заёмщик
"""
_NO_YO_EK = frozenset(
    "человек век чек грек бек абрек ацтек узбек хек отсек имярек стек трек парсек рек".split()
)
_NO_YO_EM = frozenset("крем шлем гарем тотем эдем модем мем тандем прием вифлеем ярем".split())
_PRESENT = re.compile("е(?:т|шь|м|те)(?:ся|сь)?$")
_PAST = re.compile(
    "(?:шел|вел|нес|вез|плел|цвел|брел|прочел|учел|счел|почел|подмел|замел|жег|пек|тек|влек|"
    "сберег|уберег|берег|стерег|греб|скреб|сек|лег)(?:ся|шись)?$"
)
_ABSTRACT = re.compile("и(?:е|я|ю|и|й|ем|ям|ях|ями)$")
_EATEN = re.compile("(?:^|съ|на|объ|въ|у|про|пере)е(?:м|шь)$")


def entries() -> Iterator[tuple[str, str, int]]:
    """Word, part of speech, stressed syllable from 0."""
    for line in DICTIONARY.read_text(encoding="utf-8", errors="replace").splitlines():
        if (match := _ENTRY.match(line)) and 1 <= int(match[3]) <= vowel_count(match[1]):
            yield match[1], match[2], int(match[3]) - 1


def stressed_at(word: str, syllable: int) -> int:
    """The index of the stressed vowel's letter."""
    return [i for i, letter in enumerate(word) if letter in VOWEL_LETTERS][syllable]


def has_yo(word: str, kind: str, at: int, nouns: set[str]) -> bool:
    """Whether grammar says that the stressed е at index `at` is ё."""
    tail = word[at:]
    if kind == "v":
        if _PRESENT.fullmatch(tail) and not _EATEN.search(word):
            return True
        past = _PAST.search(word)
        return past is not None and word[at : at + 1] == "е" and past.start() < at <= past.end()
    if kind == "adv-j":
        return tail.startswith("енн") or tail == "ен"
    if kind == "n":
        if tail == "ек":
            return word not in _NO_YO_EK
        if tail == "ем":
            return word not in _NO_YO_EM and word + "а" not in nouns
        return tail == "ей" and word[at - 1] == "ь" and word != "чьей" or tail.startswith("енок")
    return False


def careful_spellings() -> set[str]:
    """Words that texts with many ё write with ё, and hardly ever with е."""
    counts: Counter[str] = Counter()
    for path in sorted(CAREFUL.rglob("*")) if CAREFUL.is_dir() else ():
        if path.is_file() and path.suffix not in (".dat", ".u8"):
            text = path.read_text(encoding="utf-8", errors="ignore").lower()
            counts.update(re.findall("[а-яё]+", text))
    return {
        word
        for word, count in counts.items()
        if word.count("ё") == 1 and count >= 2 * counts[word.replace("ё", "е")] and count > 1
    }


def forms_of(stem: str, words: set[str]) -> Iterator[str]:
    """The words that begin with a stem that has ё, spelt with it."""
    plain = stem.replace("ё", "е")
    for word in words:
        at = word.find(plain)
        rest = word[at + len(plain) :]
        # вооружение has no ё, though вооружённый has.
        if word[:at] in ("", "не") and at >= 0 and not _ABSTRACT.match(rest):
            yield word[:at] + stem + rest


def main() -> None:
    """Write the lexicon and say how large it is."""
    found: dict[str, tuple[int, bool]] = {}
    every = list(entries())
    nouns = {word for word, kind, _ in every if kind == "n"}
    rank = {"surname": 2, "sname": 2, "name": 1}
    for word, kind, syllable in sorted(every, key=lambda e: (e[0], rank.get(e[1], 0))):
        plain = word.replace("ё", "е")
        if plain in found:
            continue
        at = stressed_at(word, syllable)
        yo = "ё" in word
        if yo:
            at = word.rindex("ё")
            syllable = vowel_count(word[:at])
        elif word[at] == "е":
            yo = has_yo(word, kind, at, nouns)
        found[plain] = (syllable, yo)
    fields = COMMONEST.split()
    for word, number in zip(fields[::2], fields[1::2], strict=True):
        found[word] = (int(number), False)
    stems = [form for stem in YO_STEMS.split() for form in forms_of(stem, set(found))]
    spelt = {*(w for w in YO_WORDS.split() if "ё" in w), *careful_spellings(), *stems}
    sure = frozenset(YO_WORDS.split())
    for word in sorted(spelt):
        plain, syllable = word.replace("ё", "е"), vowel_count(word[: word.rindex("ё")])
        known = found.get(plain)
        if word in sure or known is None or known[0] == syllable:
            found[plain] = (syllable, True)
    lines = {
        word: str(syllable) + ("ё" if yo else "")
        for word, (syllable, yo) in found.items()
        if "-" not in word and (yo or vowel_count(word) > 1)
    }
    content = pack(lines, {})
    TARGET.write_bytes(content)
    dotted = sum(line.endswith("ё") for line in lines.values())
    print(f"{TARGET.name}: {len(lines)} words, {dotted} with ё, {len(content)} bytes")


if __name__ == "__main__":
    main()
