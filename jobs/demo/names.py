"""Names of people: surnames by frequency, given-name characters by sound, and their pinyin."""

from __future__ import annotations

from typing import Any

import numpy as np

from jobs.demo.arrays import Bools, Ints, Texts, draw, glue

# Rough shares (per mille) of the commonest surnames, after the national statistics of names.
SURNAME_TABLE = (
    "王wang72 李li71 张zhang68 刘liu53 陈chen46 杨yang31 黄huang22 赵zhao21 吴wu20 周zhou19 徐xu15 孙sun15 马ma13 "
    "朱zhu13 胡hu12 郭guo11 何he11 林lin11 高gao10 罗luo10 郑zheng9 梁liang9 谢xie8 宋song8 唐tang7 许xu7 邓deng6 "
    "韩han6 冯feng6 曹cao6 彭peng6 曾zeng6 肖xiao6 田tian5 董dong5 潘pan5 袁yuan5 蔡cai5 蒋jiang5 余yu5 于yu5 杜du5 "
    "叶ye5 程cheng5 魏wei5 苏su5 吕lv4 丁ding4 任ren4 卢lu4 姚yao4 沈shen4 钟zhong4 姜jiang4 崔cui4 谭tan4 陆lu4 "
    "范fan4 汪wang3 廖liao3 石shi3 金jin3 韦wei3 贾jia3 夏xia3 付fu3 方fang3 邹zou3 熊xiong3 白bai3 孟meng3 秦qin3 "
    "邱qiu3 侯hou3 江jiang3 尹yin3 薛xue3 闫yan3 段duan3 雷lei3 龙long2 黎li2 史shi2 陶tao2 贺he2 毛mao2 郝hao2 顾gu2 "
    "龚gong2 邵shao2 万wan2 覃qin2 武wu2 钱qian2 戴dai2 严yan2 莫mo2 孔kong2 向xiang2 常chang2 章zhang2 欧阳ouyang1 "
    "上官shangguan1 司马sima1 诸葛zhuge1 单shan1 翟zhai1 仇qiu1 查zha1 佟tong1 靳jin1 祁qi1 樊fan1"
)
# Characters of given names by sound; the first group mostly in men's names, the second in women's, the third in both.
MALE_TABLE = (
    "wei:伟玮炜维卫蔚 qiang:强 jun:军俊峻钧骏 yong:勇永咏泳 jie:杰捷洁 tao:涛韬滔 ming:明铭鸣 chao:超朝 "
    "gang:刚钢纲 ping:平萍 hui:辉晖 peng:鹏 hao:浩昊皓豪 bin:斌彬滨宾 bo:波博 liang:亮良 guo:国 jian:建健剑 zhi:志智 "
    "hai:海 feng:峰锋丰枫 long:龙隆 fei:飞 kai:凯恺 wen:文雯 cheng:成诚城程 guang:光广 dong:东栋冬 qing:庆清青 xiang:祥翔 "
    "sheng:胜生盛 hong:宏洪鸿弘 zhong:忠中 yi:毅义逸 ze:泽 hang:航 kun:坤昆 lei:磊雷 song:松 shun:顺"
)
FEMALE_TABLE = (
    "fang:芳 na:娜 min:敏旻 jing:静婧晶菁 li:丽莉 yan:艳燕妍嫣 juan:娟 xia:霞 xiu:秀 ying:英颖莹瑛 hua:华 hui:慧惠蕙 "
    "ling:玲琳灵 gui:桂 dan:丹 ting:婷 xue:雪 mei:梅美 lan:兰岚 qian:倩 yun:云芸 hong:红虹 yu:玉钰 xin:欣馨 zhen:珍珠 "
    "feng:凤 qin:琴芹 lian:莲 meng:梦萌 jia:佳嘉 qi:琪琦 rong:蓉荣 wan:婉 shu:淑 shan:珊 yao:瑶 lu:露璐 ai:爱 qiong:琼"
)
BOTH_TABLE = "xin:新鑫 ning:宁 yu:宇雨羽 zi:子梓紫 xuan:轩萱 han:涵晗 rui:瑞睿蕊 chen:晨辰琛 yang:阳洋扬 xiao:小晓 lin:林霖 an:安"


def _surnames() -> tuple[Texts, Texts, list[float]]:
    texts, sounds, weights = [], [], []
    for word in SURNAME_TABLE.split():
        text = "".join(c for c in word if not c.isascii())
        sound = "".join(c for c in word if c.isascii() and c.isalpha())
        texts.append(text)
        sounds.append(sound)
        weights.append(float(word[len(text) + len(sound) :]))
    return np.array(texts), np.array(sounds), weights


def _characters() -> tuple[Texts, Texts, list[list[int]]]:
    texts: list[str] = []
    sounds: list[str] = []
    pools: list[list[int]] = []
    for table in (MALE_TABLE, FEMALE_TABLE, BOTH_TABLE):
        pool = []
        for group in table.split():
            sound, found = group.split(":")
            for text in found:
                if text not in texts:
                    texts.append(text)
                    sounds.append(sound)
                pool.append(texts.index(text))
        pools.append(pool)
    return np.array([*texts, ""]), np.array([*sounds, ""]), pools


def _next_alike(sounds: Texts) -> Ints:
    """For each entry the next with the same sound (itself, where it is alone)."""
    following = np.arange(len(sounds))
    for sound in np.unique(sounds):
        members = np.flatnonzero(sounds == sound)
        following[members] = np.roll(members, -1)
    return following


SURNAMES, SURNAME_SOUNDS, SURNAME_WEIGHTS = _surnames()
CHARACTERS, CHARACTER_SOUNDS, POOLS = _characters()
NO_CHARACTER = len(CHARACTERS) - 1
SURNAME_ALIKE, CHARACTER_ALIKE = _next_alike(SURNAME_SOUNDS), _next_alike(CHARACTER_SOUNDS)
TRADITIONAL: Any = str.maketrans(
    "张刘陈杨黄赵吴孙马罗郑谢韩冯邓叶苏卢钟陆龙顾龚万钱严伟强军涛铭刚钢辉鹏滨国健剑锋龙飞凯东庆胜宏鸿义泽丽艳华颖莹玲凤莲梦荣瑶爱琼宁轩阳",
    "張劉陳楊黃趙吳孫馬羅鄭謝韓馮鄧葉蘇盧鐘陸龍顧龔萬錢嚴偉強軍濤銘剛鋼輝鵬濱國健劍鋒龍飛凱東慶勝宏鴻義澤麗艷華穎瑩玲鳳蓮夢榮瑤愛瓊寧軒陽",
)
FOREIGN_GIVEN = [
    "James",
    "Anna",
    "David",
    "Maria",
    "Ivan",
    "Yuki",
    "Minho",
    "Priya",
    "Lucas",
    "Emma",
    "Omar",
    "Sofia",
    "Peter",
    "Linh",
    "Kenji",
    "Sara",
]
FOREIGN_FAMILY = [
    "Smith",
    "Tanaka",
    "Kim",
    "Nguyen",
    "Ivanov",
    "Garcia",
    "Muller",
    "Patel",
    "Brown",
    "Silva",
    "Rossi",
    "Novak",
    "Lee",
    "Jones",
    "Sato",
    "Martin",
]


def draw_surnames(rng: np.random.Generator, size: int) -> Ints:
    """Positions in SURNAMES, by frequency."""
    return draw(rng, len(SURNAMES), size, SURNAME_WEIGHTS)


def draw_characters(rng: np.random.Generator, female: Bools) -> Ints:
    """Positions in CHARACTERS that suit each person's sex; common characters come up more often."""
    size = len(female)
    male, feminine, both = (np.array(pool) for pool in POOLS)
    skew = rng.random(size) ** 1.3
    own = np.where(female, feminine[(skew * len(feminine)).astype(int)], male[(skew * len(male)).astype(int)])
    return np.where(rng.random(size) < 0.2, both[rng.integers(0, len(both), size)], own)


def full_names(surname: Ints, first: Ints, second: Ints) -> Texts:
    """Family name and given name as written in China."""
    return glue(SURNAMES[surname], CHARACTERS[first], CHARACTERS[second])


def latin_names(surname: Ints, first: Ints, second: Ints) -> Texts:
    """Names in capital pinyin as embossed on cards: ZHANG WEIMIN."""
    return np.strings.upper(
        glue(SURNAME_SOUNDS[surname], " ", CHARACTER_SOUNDS[first], CHARACTER_SOUNDS[second])
    )


def traditional(names: Texts) -> Texts:
    """Names in traditional characters, where the table has them."""
    return np.asarray(np.char.translate(names, TRADITIONAL))
