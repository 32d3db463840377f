"""Names of concepts: the short list of the reduced recipe, and how Unicode's labels become words people type.

Knows nothing of pictures, packs or captions.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

# 64 well-known things that look unlike each other and that nearly every pack draws.
REDUCED_CONCEPTS: dict[str, str] = {
    # animals
    "1F98A": "fox",
    "1F431": "cat",
    "1F436": "dog",
    "1F430": "rabbit",
    "1F43C": "panda",
    "1F981": "lion",
    "1F42F": "tiger",
    "1F438": "frog",
    "1F989": "owl",
    "1F427": "penguin",
    "1F422": "turtle",
    "1F419": "octopus",
    "1F420": "fish",
    "1F98B": "butterfly",
    "1F41D": "bee",
    "1F418": "elephant",
    "1F437": "pig",
    "1F984": "unicorn",
    # fruit and food
    "1F34E": "apple",
    "1F34C": "banana",
    "1F353": "strawberry",
    "1F349": "watermelon",
    "1F352": "cherries",
    "1F34B": "lemon",
    "1F34D": "pineapple",
    "1F347": "grapes",
    "1F355": "pizza",
    "1F354": "hamburger",
    "1F369": "doughnut",
    "1F366": "ice cream",
    "1F382": "birthday cake",
    # plants
    "1F344": "mushroom",
    "1F333": "tree",
    "1F332": "pine tree",
    "1F334": "palm tree",
    "1F335": "cactus",
    "1F33B": "sunflower",
    "1F339": "rose",
    "1F337": "tulip",
    # travel and buildings
    "1F697": "car",
    "1F68C": "bus",
    "1F6B2": "bicycle",
    "1F680": "rocket",
    "2708": "airplane",
    "26F5": "sailboat",
    "1F3E0": "house",
    "1F3F0": "castle",
    # sky
    "2B50": "star",
    "2600": "sun",
    "1F319": "crescent moon",
    "1F308": "rainbow",
    "26C4": "snowman",
    # things
    "2602": "umbrella",
    "1F388": "balloon",
    "1F381": "gift",
    "1F3B8": "guitar",
    "1F451": "crown",
    "1F511": "key",
    "1F4A1": "light bulb",
    "26BD": "soccer ball",
    "2764": "heart",
    "1F525": "fire",
    "1F916": "robot",
    "1F47B": "ghost",
}

# More of them, each in two or three of the styles that the transformers learn.
MORE_CONCEPTS: dict[str, str] = {
    # animals
    "1F42D": "mouse",
    "1F42E": "cow",
    "1F435": "monkey",
    "1F434": "horse",
    "1F43B": "bear",
    "1F428": "koala",
    "1F439": "hamster",
    "1F43A": "wolf",
    "1F992": "giraffe",
    "1F993": "zebra",
    "1F987": "bat",
    "1F424": "chick",
    "1F986": "duck",
    "1F99C": "parrot",
    "1F9A9": "flamingo",
    "1F433": "whale",
    "1F42C": "dolphin",
    "1F988": "shark",
    "1F980": "crab",
    "1F41A": "seashell",
    "1F40C": "snail",
    "1F41E": "ladybug",
    "1F40D": "snake",
    "1F40A": "crocodile",
    "1F996": "dinosaur",
    "1F985": "eagle",
    "1F99A": "peacock",
    "1F9A2": "swan",
    "1F413": "rooster",
    "1F983": "turkey",
    "1F54A": "dove",
    "1F41C": "ant",
    "1F577": "spider",
    "1F41B": "caterpillar",
    "1F982": "scorpion",
    "1F410": "goat",
    "1F411": "sheep",
    "1F429": "poodle",
    "1F42A": "camel",
    "1F43B-200D-2744-FE0F": "polar bear",
    "1F43F": "chipmunk",
    "1F98C": "deer",
    "1F98D": "gorilla",
    "1F98F": "rhinoceros",
    "1F998": "kangaroo",
    "1F999": "llama",
    "1F99B": "hippopotamus",
    "1F99D": "raccoon",
    "1F994": "hedgehog",
    "1F9A3": "mammoth",
    "1F9A5": "sloth",
    "1F9A6": "otter",
    "1F421": "pufferfish",
    "1FABC": "jellyfish",
    "1F99E": "lobster",
    "1F990": "shrimp",
    "1F991": "squid",
    "1F98E": "lizard",
    "1F409": "dragon",
    # fruit and food
    "1F345": "tomato",
    "1F350": "pear",
    "1F351": "peach",
    "1F951": "avocado",
    "1F955": "carrot",
    "1F33D": "corn",
    "1F346": "eggplant",
    "1F966": "broccoli",
    "1F336": "chili pepper",
    "1F35E": "bread",
    "1F950": "croissant",
    "1F9C0": "cheese",
    "1F373": "fried egg",
    "1F32D": "hot dog",
    "1F35F": "french fries",
    "1F363": "sushi",
    "1F36A": "cookie",
    "1F36C": "candy",
    "1F36D": "lollipop",
    "1F9C1": "cupcake",
    "2615": "cup of coffee",
    "1F37A": "beer mug",
    "1F34F": "green apple",
    "1F95D": "kiwi",
    "1F965": "coconut",
    "1F96D": "mango",
    "1FAD0": "blueberries",
    "1F952": "cucumber",
    "1F954": "potato",
    "1F9C4": "garlic",
    "1F9C5": "onion",
    "1FAD1": "bell pepper",
    "1F32E": "taco",
    "1F356": "meat on the bone",
    "1F357": "chicken leg",
    "1F37F": "popcorn",
    "1F956": "baguette",
    "1F953": "bacon",
    "1F968": "pretzel",
    "1F96A": "sandwich",
    "1F96F": "bagel",
    "1F95E": "pancakes",
    "1F9C7": "waffle",
    "1F359": "rice ball",
    "1F36B": "chocolate bar",
    "1F36E": "pudding",
    "1F36F": "honey pot",
    "1F370": "strawberry cake",
    "1F967": "pie",
    "1F95A": "egg",
    "1F377": "wine glass",
    "1FAD6": "teapot",
    "1F9CB": "bubble tea",
    # plants
    "1F340": "four leaf clover",
    "1F341": "maple leaf",
    "1F338": "cherry blossom",
    "1FAB4": "potted plant",
    "1F331": "seedling",
    "1F33A": "hibiscus",
    "1F490": "bouquet",
    "1FAB7": "lotus",
    # travel and buildings
    "1F682": "train",
    "1F691": "ambulance",
    "1F692": "fire engine",
    "1F695": "taxi",
    "1F69C": "tractor",
    "1F69A": "truck",
    "1F3CD": "motorcycle",
    "1F681": "helicopter",
    "1F6A2": "ship",
    "2693": "anchor",
    "26FA": "tent",
    "1F30B": "volcano",
    "1F6A6": "traffic light",
    "1F693": "police car",
    "1F3CE": "racing car",
    "1F690": "minibus",
    "1F6F9": "skateboard",
    "1F6F5": "motor scooter",
    "1F685": "bullet train",
    "1F68A": "tram",
    "1F6A4": "speedboat",
    "1F6F6": "canoe",
    "1F6F8": "flying saucer",
    "1FA82": "parachute",
    "1F3A1": "ferris wheel",
    "1F3AA": "circus tent",
    "26EA": "church",
    "1F3E5": "hospital",
    "1F3ED": "factory",
    "1F3DD": "desert island",
    "26F0": "mountain",
    "1F6D6": "hut",
    "1F6DF": "lifebuoy",
    "1F6D1": "stop sign",
    "26FD": "gas pump",
    # sky
    "2601": "cloud",
    "26A1": "lightning bolt",
    "2744": "snowflake",
    "1F30D": "globe",
    "1FA90": "planet",
    "1F4A7": "drop of water",
    "1F315": "full moon",
    "2604": "comet",
    "1F32A": "tornado",
    "1F30A": "wave",
    "1F327": "rain cloud",
    "2728": "sparkles",
    # things
    "1F4D5": "book",
    "270F": "pencil",
    "2702": "scissors",
    "1F528": "hammer",
    "1F4A3": "bomb",
    "1F4F7": "camera",
    "1F4FA": "television",
    "260E": "telephone",
    "23F0": "alarm clock",
    "231B": "hourglass",
    "231A": "watch",
    "1F576": "sunglasses",
    "1F3A9": "top hat",
    "1F455": "t-shirt",
    "1F457": "dress",
    "1F45E": "shoe",
    "1F392": "backpack",
    "1F48D": "ring",
    "1F48E": "gem stone",
    "1F3C6": "trophy",
    "1F514": "bell",
    "1F941": "drum",
    "1F3BA": "trumpet",
    "1F3BB": "violin",
    "1F3A4": "microphone",
    "1F3A7": "headphones",
    "1F3C0": "basketball",
    "1F3AF": "target",
    "1F9F8": "teddy bear",
    "1F383": "pumpkin",
    "1F384": "Christmas tree",
    "1F56F": "candle",
    "1F6AA": "door",
    "1FA91": "chair",
    "2709": "envelope",
    "1F4E6": "cardboard box",
    "1F9F2": "magnet",
    "1F5A5": "computer",
    "1F4BB": "laptop",
    "1F4F1": "mobile phone",
    "1F50B": "battery",
    "1F579": "joystick",
    "1F3B2": "die",
    "1F9E9": "puzzle piece",
    "1FA81": "kite",
    "1FA84": "magic wand",
    "1F52E": "crystal ball",
    "1F3B7": "saxophone",
    "1FA97": "accordion",
    "1F3B9": "musical keyboard",
    "1F4FB": "radio",
    "1F3B5": "musical note",
    "26BE": "baseball",
    "1F3C8": "American football",
    "1F3D0": "volleyball",
    "1F94A": "boxing glove",
    "1F3F9": "bow and arrow",
    "26F3": "golf flag",
    "1F527": "wrench",
    "1F6E1": "shield",
    "1FA93": "axe",
    "1FA9C": "ladder",
    "2699": "gear",
    "1F45C": "handbag",
    "1F460": "high-heeled shoe",
    "1F45F": "sneaker",
    "1F462": "boot",
    "1F456": "jeans",
    "1F458": "kimono",
    "1F9E6": "socks",
    "1F9E4": "gloves",
    "1F9E3": "scarf",
    "1F9E5": "coat",
    "1F393": "graduation cap",
    "1F453": "glasses",
    "1F454": "necktie",
    "1F4BC": "briefcase",
    "1F4C5": "calendar",
    "1F4F0": "newspaper",
    "1F4DC": "scroll",
    "1F58A": "pen",
    "1F3A8": "artist palette",
    "1F9F6": "yarn",
    "1F6CF": "bed",
    "1F6BD": "toilet",
    "1F6C1": "bathtub",
    "1FA9E": "mirror",
    "1F9F9": "broom",
    "1FAA3": "bucket",
    "1F9FA": "basket",
    "1F50D": "magnifying glass",
    "1F526": "flashlight",
    "1F3EE": "red paper lantern",
    "1F512": "padlock",
    "1F4EE": "mailbox",
    "1F52C": "microscope",
    "1F52D": "telescope",
    "1F4B0": "money bag",
    "1F5FF": "moai statue",
    "1F3C5": "medal",
    "1F4E3": "megaphone",
}

_SKIN_TONES: dict[str, str] = {
    "1F3FB": "light",
    "1F3FC": "medium light",
    "1F3FD": "medium",
    "1F3FE": "medium dark",
    "1F3FF": "dark",
}


_CLOCK = re.compile(r"(\w+)(?: o'clock|-thirty)")


def clean_label(code_points: str, label: str) -> str:
    """The concept's name in plain words: no colons or typographic quotes; a skin tone is said, because it is seen."""
    words = label.replace("’", "'").replace("“", "").replace("”", "").replace(":", "").replace("!", "")
    words = " ".join(words.split())
    clock = _CLOCK.fullmatch(words)
    if clock:
        return f"clock at {'half past ' if words.endswith('thirty') else ''}{clock[1]}"
    name = _names()[words][0] if words in _names() else words
    tones = dict.fromkeys(_SKIN_TONES[point] for point in code_points.split("-") if point in _SKIN_TONES)
    if tones:
        name += f" {'and' if ' with ' in name else 'with'} {' and '.join(tones)} skin"
    return name


@cache
def also_called() -> dict[str, tuple[str, ...]]:
    """Other words by which people ask for a concept, by its name: "cat face" is also a "cat"."""
    return {name: others for name, others in _names().values() if others}


@cache
def _names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Unicode's label to (the name people use, others). From `names.tsv`, written by hand."""
    text = resources.files("muse_studio.training.data").joinpath("names.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {
        label: (name, tuple(other.strip() for other in also.split(",") if other.strip())) for label, name, also in rows
    }


_RED = ("apple", "balloon", "car", "cherries", "heart", "mushroom", "rose", "strawberry")
_YELLOW = ("banana", "crescent moon", "key", "lemon", "star")
_ORANGE = ("cat", "fire", "fox", "octopus", "sun", "tiger")
_GREEN = ("cactus", "frog", "palm tree", "pine tree", "tree", "turtle")
_OWN_COLOURS = (
    {label: "red" for label in _RED}
    | {label: "yellow" for label in _YELLOW}
    | {label: "orange" for label in _ORANGE}
    | {label: "green" for label in _GREEN}
    | {"fish": "blue", "grapes": "purple", "umbrella": "purple", "unicorn": "purple", "pig": "pink", "tulip": "pink"}
)
_OTHERWISE = {("balloon", "sticker"): "pink", ("cat", "sticker"): "yellow", ("unicorn", "sticker"): "white"}


def own_colour(label: str, style: str) -> str:
    """The one colour that people would name of a drawing of the reduced set, or "". By eye, from the 64 × 3 drawings."""
    return _OTHERWISE.get((label, style), _OWN_COLOURS.get(label, ""))
