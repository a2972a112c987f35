"""Writes examples/user-info.json: 1,000 fictional people from all over the world, eight of them with a fault.

    python -m tools.make_example

The seed is fixed and only `Random.random` is used, whose sequence Python promises to keep. So the file is the same
everywhere. Every email address is of a domain that is reserved for examples (RFC 2606).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(__file__).parent.parent / "examples" / "user-info.json"
PEOPLE = 1000
SEED = 20260301

DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "school.example", "bücher.example")
TEAMS = ("red", "green", "blue", "gold")


@dataclass(frozen=True)
class Culture:
    """The names of people of a language. Each is `as written/in Latin letters`, or one form that is both."""

    locale: str
    given: str
    family: str
    family_first: bool = False
    between: str = " "


CULTURES = (
    Culture("en-GB", "Olivia Amelia Isla George Noah Theo", "Smith Hughes Khan Wright O’Connor Taylor-Brown"),
    Culture(
        "de-DE",
        "Jürgen/juergen Käthe/kaethe Lena Finn Björn/bjoern Anja",
        "Müller/mueller Groß/gross Weiß/weiss Bauer Köhler/koehler",
    ),
    Culture(
        "fr-FR",
        "Chloé/chloe Zoë/zoe Léa/lea François/francois Noël/noel Hugo",
        "Lefèvre/lefevre Dubois Garçon/garcon Moreau Hébert/hebert",
    ),
    Culture(
        "es-MX",
        "José/jose Sofía/sofia Iñaki/inaki Lucía/lucia Andrés/andres Inés/ines",
        "Muñoz/munoz García/garcia Peña/pena López/lopez Ibáñez/ibanez",
    ),
    Culture(
        "pl-PL",
        "Łukasz/lukasz Małgorzata/malgorzata Żaneta/zaneta Agnieszka Paweł/pawel",
        "Wiśniewska/wisniewska Dąbrowski/dabrowski Kowalczyk Wójcik/wojcik",
    ),
    Culture(
        "tr-TR",
        "Işıl/isil Çağla/cagla İbrahim/ibrahim Gökçe/gokce Ömer/omer",
        "Yıldız/yildiz Şahin/sahin Çelik/celik Öztürk/ozturk",
    ),
    Culture(
        "vi-VN",
        "Hương/huong Đức/duc Thảo/thao Minh Quỳnh/quynh",
        "Nguyễn/nguyen Trần/tran Phạm/pham Đỗ/do",
        family_first=True,
    ),
    Culture(
        "is-IS",
        "Þórdís/thordis Björk/bjork Sigurður/sigurdur Æsa/aesa",
        "Jónsdóttir/jonsdottir Ólafsson/olafsson Þórsson/thorsson",
    ),
    Culture(
        "el-GR",
        "Ελένη/eleni Γιώργος/giorgos Νίκος/nikos Σοφία/sofia Αθηνά/athina",
        "Παπαδόπουλος/papadopoulos Οικονόμου/oikonomou Νικολάου/nikolaou",
    ),
    Culture(
        "ru-RU",
        "Анна/anna Дмитрий/dmitrij Фёдор/fjodor Ольга/olga Юлия/julija",
        "Иванова/ivanova Смирнов/smirnov Кузнецова/kuznecova Щукин/shhukin",
    ),
    Culture(
        "uk-UA",
        "Ірина/iryna Євген/jevhen Ганна/hanna Олена/olena",
        "Шевченко/shevchenko Коваленко/kovalenko Бойко/bojko",
    ),
    Culture(
        "hy-AM",
        "Անի/ani Արամ/aram Նարե/nare Տիգրան/tigran",
        "Սարգսյան/sargsyan Պետրոսյան/petrosyan Գրիգորյան/grigoryan",
    ),
    Culture(
        "ka-GE",
        "ნინო/nino გიორგი/giorgi თამარ/tamar ლუკა/luka",
        "ბერიძე/beridze კაპანაძე/kapanadze გელაშვილი/gelashvili",
    ),
    Culture(
        "ar-EG",
        "محمد/mohamed فاطمة/fatima يوسف/yousef ليلى/layla مريم/mariam",
        "حسن/hassan إبراهيم/ibrahim السيد/elsayed منصور/mansour",
    ),
    Culture("fa-IR", "زهرا/zahra پویا/pouya شیرین/shirin کیان/kian", "رضایی/rezaei کریمی/karimi احمدی/ahmadi"),
    Culture("he-IL", "נועה/noa דוד/david תמר/tamar יוסף/yosef", "כהן/cohen לוי/levi מזרחי/mizrahi"),
    Culture("hi-IN", "आरव/aarav प्रिया/priya अनन्या/ananya रोहन/rohan", "शर्मा/sharma सिंह/singh गुप्ता/gupta"),
    Culture("bn-BD", "ফারহানা/farhana রহিম/rahim নুসরাত/nusrat", "ইসলাম/islam চৌধুরী/chowdhury হোসেন/hossain"),
    Culture("ta-IN", "கவிதா/kavitha முருகன்/murugan செல்வி/selvi", "குமார்/kumar ராஜன்/rajan"),
    Culture("th-TH", "สมชาย/somchai มาลี/malee อรุณ/arun ดารา/dara", "ใจดี/jaidee ศรีสุข/srisuk วงศ์ทอง/wongthong"),
    Culture(
        "zh-CN",
        "伟/wei 芳/fang 秀英/xiuying 敏/min 志强/zhiqiang",
        "王/wang 李/li 张/zhang 欧阳/ouyang",
        family_first=True,
        between="",
    ),
    Culture(
        "ja-JP",
        "さくら/sakura 翔太/shouta 陽菜/hina ケンジ/kenji",
        "佐藤/satou 鈴木/suzuki 髙橋/takahashi 渡邉/watanabe",
        family_first=True,
    ),
    Culture(
        "ko-KR",
        "지우/jiu 서연/seoyeon 민준/minjun 하은/haeun",
        "김/kim 이/lee 박/park 최/choi",
        family_first=True,
        between="",
    ),
    Culture("am-ET", "ሰላም/selam ዳዊት/dawit ሄለን/helen", "በቀለ/bekele ተስፋዬ/tesfaye አበበ/abebe"),
)

FAULTS: dict[int, dict[str, Any]] = {
    77: {"email": "somebody at example.com", "name": "Bad Address"},
    154: {"email": "negative.age@example.com", "name": "Negative Age", "age": -4},
    231: {"email": "age.in.words@example.com", "name": "Age In Words", "age": "thirty-one"},
    308: {"email": "unknown.column@example.com", "name": "Unknown Column", "favourite_colour": "teal"},
    462: {"email": "empty.name@example.com", "name": ""},
    616: {"email": "old@example.com", "name": "William the Conqueror", "birthdate": "1028-09-09"},
    770: {"email": "promoted@example.com", "name": "Self-Promoted", "roles": ["admin"]},
}
"""Rows with a fault, by their position. The eighth, `REPEATED`, has the email address of an earlier row."""

REPEATED = 385


def text() -> str:
    """The file: a JSON array with one person a line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows()) + "\n]\n"


def rows() -> list[dict[str, Any]]:
    """The people of the file, in order."""
    chance = random.Random(SEED)
    people: list[dict[str, Any]] = []
    written_people: set[str] = set()
    while len(people) < PEOPLE:
        position = len(people)
        person = FAULTS.get(position) or _person(chance, position)
        if position == REPEATED:
            person = {**person, "email": next(row["email"] for row in people if "email" in row).upper()}
        if json.dumps(person) not in written_people:
            written_people.add(json.dumps(person))
            people.append(person)
    return people


def _person(chance: random.Random, position: int) -> dict[str, Any]:
    def one_of(choices: Sequence[Any]) -> Any:
        return choices[int(chance.random() * len(choices))]

    def sometimes(share: float) -> bool:
        return chance.random() < share

    culture = one_of(CULTURES)
    given_name, given_name_latin = _written(one_of(culture.given.split()))
    family_name, family_name_latin = _written(one_of(culture.family.split()))
    names = (family_name, given_name) if culture.family_first else (given_name, family_name)
    person: dict[str, Any] = {}
    if sometimes(0.03):
        person["id"] = f"legacy-{position:04}"
    if sometimes(0.9):
        person["email"] = f"{given_name_latin}.{family_name_latin}.{position}@{one_of(DOMAINS)}"
        if sometimes(0.5):
            person["email_verified"] = True
    person["name"] = culture.between.join(names)
    if sometimes(0.25):
        person["birthdate"] = f"{one_of(range(1935, 2015))}-{one_of(range(1, 13)):02}-{one_of(range(1, 29)):02}"
    elif sometimes(0.85):
        person["age"] = 10 + int((chance.random() + chance.random()) * 40)
    if sometimes(0.6):
        person["locale"] = culture.locale
    if sometimes(0.3):
        person["attributes"] = {"team": one_of(TEAMS), "newsletter": sometimes(0.5)}
    return person


def _written(name: str) -> tuple[str, str]:
    """A name as it is written, and as an email address spells it."""
    written, _, latin = name.partition("/")
    return written, latin or written.lower().replace("’", "")


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(f"{FILE}: {PEOPLE:,} people")
