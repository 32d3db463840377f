"""The words that the default model has learned, as `resources/vocabulary.json`: what the studio completes in a prompt.

`python -m muse_studio.training.data.vocabulary` writes it anew. Knows nothing of pictures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from muse_studio.core.files import atomic_write
from muse_studio.training.data.captions import with_article
from muse_studio.training.data.concepts import MORE_CONCEPTS, REDUCED_CONCEPTS
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.table import japanese_labels

FORMAT = 1
PATH = Path("resources/vocabulary.json")
STYLES = ("3d", "flat", "sticker")
"""Those of the captions that the default model's transformers saw; its tokenizers saw four more."""
PLACES = ("above", "below", "to the left of", "to the right of", "in a row", "side by side")
"""How its captions tell where things are."""


_PLAINER = {
    "fish": "魚",
    "apple": "リンゴ",
    "tree": "木",
    "pine tree": "もみの木",
    "castle": "城",
    "star": "星",
    "soccer ball": "サッカーボール",
    "heart": "ハート",
    "whale": "クジラ",
    "dinosaur": "恐竜",
    "duck": "アヒル",
    "lobster": "ロブスター",
    "fried egg": "目玉焼き",
    "cup of coffee": "コーヒー",
    "honey pot": "はちみつの壺",
    "lollipop": "棒つきキャンディ",
    "train": "機関車",
    "bullet train": "新幹線",
    "tram": "路面電車",
    "traffic light": "信号機",
    "circus tent": "サーカスのテント",
    "lifebuoy": "浮き輪",
    "stop sign": "止まれの標識",
    "gas pump": "給油機",
    "lightning bolt": "稲妻",
    "globe": "地球",
    "planet": "惑星",
    "book": "本",
    "telephone": "電話",
    "shoe": "靴",
    "cardboard box": "段ボール箱",
    "magnet": "磁石",
    "baseball": "野球のボール",
    "American football": "アメフトのボール",
    "boxing glove": "ボクシングのグローブ",
    "golf flag": "ゴルフの旗",
    "magnifying glass": "虫眼鏡",
    "padlock": "南京錠",
    "money bag": "お金の袋",
    "toilet": "トイレ",
    "computer": "パソコン",
}
"""Where the packs' own Japanese label says more or less than the word here."""
_OTHERS = {
    "3d style": "3D",
    "flat style": "フラット",
    "sticker style": "ステッカー",
    "above": "～の上に",
    "below": "～の下に",
    "to the left of": "～の左に",
    "to the right of": "～の右に",
    "in a row": "一列に",
    "side by side": "並んで",
}
_GROUNDS = {
    "black": "黒",
    "gray": "灰色",
    "lavender": "ラベンダー色",
    "mint": "ミント色",
    "navy": "紺色",
    "orange": "オレンジ色",
    "pink": "ピンク",
    "sky blue": "空色",
    "teal": "青緑",
    "white": "白",
    "yellow": "黄色",
}


def _japanese() -> dict[str, str]:
    """What every phrase is called in Japanese: by the label that came with the drawings, "の顔" left out."""
    known = REDUCED_CONCEPTS | MORE_CONCEPTS
    labels = {known[points]: name.removesuffix("の顔") for points, name in japanese_labels().items() if points in known}
    things = {with_article(label): name for label, name in (labels | _PLAINER).items()}
    return things | _OTHERS | {_ground(colour): f"{name}の背景に" for colour, name in _GROUNDS.items()}


def _ground(colour: str) -> str:
    return f"on {with_article('background', colour)}"


def vocabulary() -> dict[str, Any]:
    """Things with their article, styles as a prompt says them, backgrounds, how two things lie, the more things; their names."""
    return {
        "format": FORMAT,
        "things": sorted(map(with_article, REDUCED_CONCEPTS.values())),
        "styles": [f"{style} style" for style in STYLES],
        "backgrounds": [_ground(colour) for colour in sorted(BACKGROUNDS)],
        "places": list(PLACES),
        "more": sorted(map(with_article, MORE_CONCEPTS.values())),
        "names": {"ja": _japanese()},
    }


def main() -> None:
    atomic_write(PATH, (json.dumps(vocabulary(), indent=2, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
