"""Given names by which people are called: `bill` is William, `pat` is Patrick or Patricia."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import pandas as pd

_FORMS: Final = """
abigail: abby abbie gail | abraham: abe bram | adelaide: addie ada | adeline: addie | agnes: aggie nessie | albert: al bert bertie
alexander: alex al alec sandy sasha xander lex | alexandra: alex sandra sandy lexi | alfred: al alf alfie fred | alice: allie elsie
alison: ali allie | allan: al | amanda: mandy | amelia: amy millie | andrew: andy drew | angela: angie | ann: nan nancy annie
anna: annie nan | anne: annie nan nancy | annabel: bella | anthony: tony ant | antonio: tony tonio | archibald: archie
arthur: art artie | augustus: gus august | augustine: gus | barbara: barb babs barbie | barnabas: barney | bartholomew: bart
beatrice: bea trixie | benedict: ben | benjamin: ben benny benjy | bernard: bernie | bertha: bertie | bradley: brad
bridget: biddy bridie | calvin: cal | cameron: cam | carolina: carrie lina | caroline: carrie carol lina | catherine: cathy cate cat kate katie kitty kay
cecilia: cissy celia | charles: charlie chas chuck chip | charlotte: lottie charlie | christian: chris | christina: chris chrissy tina christy
christine: chris chrissy tina | christopher: chris kit topher | clarence: clare | clifford: cliff | constance: connie | cornelius: neil con corny
cynthia: cindy | daniel: dan danny | danielle: dani | david: dave davy davey | deborah: deb debbie debby | dennis: denny | dolores: lola
donald: don donnie | dorothea: dot dora thea | dorothy: dot dottie dolly dora | douglas: doug | ebenezer: eben | edmund: ed eddie ned ted
edward: ed eddie ned ted teddy | edwin: ed eddie ned | eleanor: ellie nell nellie nora | elizabeth: liz lizzie beth betty betsy bess bessie eliza elsie lisa libby lizbeth
ellen: nell nellie ella | emily: em emmy millie | emma: em emmy | ernest: ernie | esther: essie hetty | eugene: gene | evelyn: eve evie
ezekiel: zeke | florence: flo flora florrie flossie | frances: fran fanny francie frankie | francis: frank fran | francisco: frank paco pancho
franklin: frank | frederick: fred freddie freddy rick fritz | gabriel: gabe | gabrielle: gabby | genevieve: ginny eve | geoffrey: geoff jeff
george: georgie | gerald: gerry jerry | gerard: gerry jerry | gertrude: gertie trudy | gilbert: gil bert | gregory: greg | gwendolyn: gwen
hannah: annie nan | harold: hal harry | harriet: hattie harry | helen: nell nellie lena | helena: lena nell | henrietta: etta hettie hetty
henry: harry hank hal | herbert: herb bert bertie | hezekiah: hez | hugh: hughie | ignacio: nacho | isaac: ike zac | isabella: bella belle izzy
isabelle: bella belle izzy | jackson: jack | jacob: jake | jacqueline: jackie | james: jim jimmy jamie jem | jane: janie jenny jennie
janet: jan jenny | jeffrey: jeff | jennifer: jen jenny jenn | jeremiah: jerry | jeremy: jerry | jerome: jerry | jesse: jess | jessica: jess jessie
joanna: jo joan | johanna: jo hanna | johannes: hans | john: jack johnny jon | jonathan: jon jonny nathan | jose: pepe | joseph: joe joey jos
josephine: jo josie | joshua: josh | judith: judy | julia: julie | katherine: kate kathy katie kat kay kitty | kathleen: kathy kate katie kay
kenneth: ken kenny | kimberly: kim | laura: laurie | lawrence: larry laurie | leonard: len lenny leo | leonardo: leo | leopold: leo
leslie: les | lewis: lew louie | lillian: lil lily lilly | lorraine: lorrie | louis: lou louie | louisa: lou | louise: lou | lucille: lucy
lucinda: lucy cindy | lydia: liddy | mabel: may | madeleine: maddy maddie | madeline: maddy maddie | magdalena: lena magda | manuel: manny
margaret: maggie meg peggy peg madge marge margie greta daisy rita | maria: mia | marian: mary | martha: mattie patty | martin: marty
mary: molly polly mae may mamie minnie | matilda: tilly mattie | matthew: matt matty | maurice: morris mo | maximilian: max | maxwell: max
melissa: missy mel | michael: mike mick mickey mikey | michelle: shelly | mildred: millie | miranda: mandy | mitchell: mitch | montgomery: monty
nancy: nan | natalie: nat | nathan: nat nate | nathaniel: nat nate nathan | nicholas: nick nicky nico | nicole: nicky nikki | norman: norm
oliver: ollie | olivia: liv livvy | oscar: ossie | pamela: pam | patricia: pat patty trish tricia patsy | patrick: pat paddy patsy rick
penelope: penny | peter: pete | philip: phil pip | phillip: phil pip | priscilla: cilla prissy | rachel: rae | randall: randy | randolph: randy
raymond: ray | rebecca: becky becca | reginald: reg reggie | richard: dick rick ricky rich richie | robert: bob bobby rob robbie robin bert
roberta: bobbie | roderick: rod rick | rodney: rod | roger: rodge | roland: rollo | ronald: ron ronnie | rosalind: roz rose | rose: rosie
rosemary: rose rosie romy | rudolph: rudy rolf | rupert: bert | russell: russ rusty | ruth: ruthie | samantha: sam sammy | samuel: sam sammy
sandra: sandy | sarah: sally sadie sal | sebastian: seb bastian | sharon: shari | sidney: sid | silas: si | simon: si | solomon: sol
sophia: sophie | stanley: stan | stephanie: steph | stephen: steve stevie | steven: steve stevie | stuart: stu | susan: sue susie suzy
susanna: sue susie | suzanne: sue susie suzy | sylvester: sly | tabitha: tabby | terence: terry | theodora: dora thea | theodore: ted teddy theo
theresa: terry tess tessa tracy | thomas: tom tommy thos | timothy: tim timmy | tobias: toby | ursula: ursie | valerie: val | vanessa: nessa
veronica: ronnie vera | victor: vic | victoria: vicky vickie tori | vincent: vince vinny | virginia: ginny ginger | vivian: viv | walter: walt wally
wilhelmina: mina minnie willa | wilfred: wilf fred | william: bill billy will willy willie liam wm | winifred: winnie fred freda | zachary: zach zack
"""


def _meant() -> dict[str, list[str]]:
    meant: dict[str, list[str]] = defaultdict(list)
    for entry in _FORMS.replace("\n", "|").split("|"):
        formal, _, short = entry.partition(":")
        for name in short.split():
            meant[name].append(formal.strip())
    return dict(meant)


MEANT: Final = _meant()
"""Each call name, and the names that it may stand for."""

KNOWN: Final = frozenset({*MEANT, *(name for names in MEANT.values() for name in names)})
"""Given names that everybody knows."""


def stands_for(name: str) -> list[str]:
    """What the first word of a normalised given name may stand for, itself among it."""
    first = name.split(maxsplit=1)[0]
    return [first, *MEANT.get(first, ())]


def called(values: pd.Series) -> pd.Series:
    """For each given name the list of the names that it may stand for; None where it is missing."""
    known = {value: stands_for(value) for value in values.dropna().unique() if value.split()}
    return values.map(known).astype(object).where(lambda v: v.notna(), None)


def one_name(left: str, right: str) -> float:
    """1 where two given names may be forms of one."""
    return float(not set(stands_for(left)).isdisjoint(stands_for(right)))
