"""Encodings that are not named: is a file read right, refused, or read wrongly without a word?

python benchmarks/encodings.py [--more 100]

Each encoding holds a language that is written in it, in three files: one name of a column, eight texts of a word,
and whole sentences. UTF-8 holds each of the languages. `--more N` adds N files of random words for each, from one
word to sixty. Refused is right where a message asks for the encoding; wrong is another text than was written.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from _results import write_section
from first_try import last_commit

import seqkit as sk
from seqkit.data.samples import read_texts

SENTENCES = {
    "German": "Größere Mengen wurden im März über die Brücke nach Österreich geführt; für Süßwaren fielen Zölle an, "
    "weil die Händler spät bezahlten. Der Umsatz fiel im Frühjahr, stieg später kräftig und blieb übers Jahr höher.",
    "Polish": "Sprzedaż żywności wzrosła w październiku, choć źródła podają różne liczby; największą część stanowiły "
    "śliwki, jabłka i gęsi. Później ceny spadły, a łódzcy kupcy znów zamówili świeże bułki na następny tydzień.",
    "Turkish": "İstanbul'da satışlar geçen yıl arttı; çünkü müşteriler ağustos ayında daha çok ürün aldı. Gün içinde "
    "şehirde yağış görüldü, sıcaklık düştü ve ışıklar söndü, ama öğleden sonra güneş çıktı.",
    "Russian": "Выручка магазина за январь выросла на десять процентов, потому что покупатели чаще приходили утром. "
    "Температура воздуха была ниже обычной, и расход энергии увеличился; весной цены снова упали.",
    "Greek": "Οι πωλήσεις αυξήθηκαν τον Ιανουάριο, επειδή οι πελάτες αγόραζαν περισσότερα προϊόντα κάθε εβδομάδα. Η "
    "θερμοκρασία στην Αθήνα έπεσε, ενώ η κατανάλωση ενέργειας έμεινε ίδια όλο τον χρόνο.",
    "Arabic": "ارتفعت المبيعات في شهر يناير لأن العملاء اشتروا منتجات أكثر كل أسبوع. كانت درجة الحرارة في القاهرة أقل "
    "من المعتاد وبقي استهلاك الطاقة كما هو طوال السنة.",
    "Hebrew": "המכירות עלו בחודש ינואר כי הלקוחות קנו יותר מוצרים בכל שבוע. הטמפרטורה בירושלים הייתה נמוכה מהרגיל "
    "וצריכת האנרגיה נשארה זהה במשך כל השנה.",
    "Thai": "ยอดขาย เพิ่มขึ้น ใน เดือนมกราคม เพราะ ลูกค้า ซื้อ สินค้า มากขึ้น ทุก สัปดาห์ อุณหภูมิ ใน กรุงเทพ ต่ำกว่า ปกติ และ การใช้ "
    "พลังงาน ยังคง เท่าเดิม ตลอด ทั้งปี",
    "Korean": "매출액 은 지난해 보다 십 퍼센트 늘었으며 고객 들이 매주 더 많은 상품 을 구입했다. 서울 의 "
    "기온 은 평년 보다 낮았고 전력 사용량 은 일년 내내 비슷한 수준 을 유지했다.",
    "Japanese": "売上高 は 昨年 より 十 パーセント 増え、お客様 は 毎週 もっと 多く の 商品 を 買いました。東京 の "
    "気温 は 平年 より 低く、電力 の 使用量 は 一年 を 通して ほぼ 同じ でした。カメラ と テレビ",
    "simplified Chinese": "销售额 比 去年 增长 了 百分之十 因为 顾客 每周 购买 更多 的 商品。北京 的 "
    "气温 低于 往年 用电量 全年 基本 保持 不变。日期 温度 地区 价格 数量",
    "traditional Chinese": "銷售額 比 去年 增長 了 百分之十 因為 顧客 每週 購買 更多 的 商品。臺北 的 "
    "氣溫 低於 往年 用電量 全年 大致 保持 不變。日期 溫度 地區 價格 數量",
}
LANGUAGES = {"utf-16": "Japanese", "cp1252": "German", "latin-1": "German", "cp1250": "Polish", "cp1254": "Turkish"}
LANGUAGES |= {"cp1251": "Russian", "koi8-r": "Russian", "cp1253": "Greek", "cp1256": "Arabic", "cp1255": "Hebrew"}
LANGUAGES |= {"cp874": "Thai", "euc-kr": "Korean", "shift_jis": "Japanese", "euc-jp": "Japanese"}
LANGUAGES |= {"gb18030": "simplified Chinese", "big5": "traditional Chinese"}
MOST_WORDS = 60


def outcome_of_name(path: Path, encoding: str, name: str) -> str:
    """Write a table with one name that is not ASCII, and read it."""
    rows = "".join(f"2020-01-{day:02d},{day * 7 % 5}.5\n" for day in range(1, 21))
    path.write_bytes(f"date,{name}\n{rows}".encode(encoding))
    try:
        frame = sk.read_csv(path)
    except sk.InvalidValue as error:
        return _refusal(error)
    return "right" if list(frame.columns) == [name] else f"wrong: {list(frame.columns)} for {name}"


def outcome_of_texts(path: Path, encoding: str, texts: list[str]) -> str:
    """Write texts with labels, and read them."""
    lines = "".join(f'"{text}",{at % 2}\n' for at, text in enumerate(texts))
    path.write_bytes(f"text,label\n{lines}".encode(encoding))
    try:
        samples = read_texts(path, text="text", label="label")
    except sk.InvalidValue as error:
        return _refusal(error)
    return "right" if samples.x == texts else f"wrong: {samples.x[0]!a} for {texts[0]}"


def _refusal(error: sk.InvalidValue) -> str:
    return "refused" if error.argument == "encoding" else f"wrong: refused without its reason: {error}"


def outcomes(path: Path, encoding: str, language: str, more: int) -> dict[str, list[str]]:
    """The outcomes of one encoding, by the size of the file."""
    sentences = SENTENCES[language].split(". ")
    words = [word for word in _words(SENTENCES[language]) if _is_foreign(word)]
    found = {"a name": [outcome_of_name(path, encoding, words[0])]}
    found["words"] = [outcome_of_texts(path, encoding, words[:8])]
    found["sentences"] = [outcome_of_texts(path, encoding, sentences)]
    random, found["random"] = np.random.default_rng(0), []
    for _ in range(more):
        texts = random.choice(words, int(random.integers(1, MOST_WORDS))).tolist()
        made = outcome_of_name(path, encoding, texts[0]) if len(texts) == 1 else outcome_of_texts(path, encoding, texts)
        found["random"].append(made)
    return found


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip(";,.。、'") for word in text.split()))


def _is_foreign(word: str) -> bool:
    return not word.isascii()


def main() -> None:
    """Read all files, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--more", type=int, default=0)
    more = parser.parse_args().more
    warnings.simplefilter("ignore")
    pairs = [*LANGUAGES.items(), *(("utf-8", language) for language in SENTENCES)]
    rows, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        for encoding, language in pairs:
            found = outcomes(Path(folder) / "file.csv", encoding, language, more)
            wrong += [f"- {encoding}, {size}: {one}" for size, ones in found.items() for one in ones if _is_wrong(one)]
            counts = Counter(one.partition(":")[0] for one in found.pop("random"))
            cells = {size: ones[0].partition(":")[0] for size, ones in found.items()}
            random = " / ".join(str(counts[name]) for name in ("right", "refused", "wrong"))
            rows.append({"encoding": f"{encoding}, {language}", **cells, "random: right / refused / wrong": random})
    table = pd.DataFrame(rows).set_index("encoding")
    three = Counter(table.iloc[:, :3].to_numpy().ravel())
    notes = f"Commit {last_commit()}. The three files of each: {three['right']} right, {three['refused']} refused, "
    notes += f"{three['wrong']} wrong; of all files {len(wrong)} wrong."
    write_section("Encodings that are not named", table, "\n".join([notes, "", *wrong[:20]]))


def _is_wrong(outcome: str) -> bool:
    return outcome.startswith("wrong")


if __name__ == "__main__":
    main()
