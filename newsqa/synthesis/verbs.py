"""Forms of irregular verbs, which the archive's stems keep apart."""

from __future__ import annotations

VERB_OF = {
    form: verb
    for verb, forms in (
        group.split(":")
        for group in """beat:beaten become:became begin:began,begun break:broke,broken bring:brought
        build:built buy:bought catch:caught choose:chose,chosen come:came draw:drew,drawn
        drive:drove,driven fall:fell,fallen fight:fought find:found fly:flew,flown get:got,gotten
        give:gave,given go:went,gone grow:grew,grown hang:hung hold:held keep:kept know:knew,known
        lead:led leave:left lend:lent lose:lost make:made meet:met pay:paid ride:rode,ridden
        ring:rang,rung rise:rose,risen run:ran see:saw,seen seek:sought sell:sold send:sent
        shake:shook,shaken shoot:shot sing:sang,sung sink:sank,sunk speak:spoke,spoken spend:spent
        stand:stood steal:stole,stolen strike:struck swear:swore,sworn take:took,taken teach:taught
        tear:tore,torn tell:told think:thought throw:threw,thrown wear:wore,worn win:won
        withdraw:withdrew,withdrawn write:wrote,written die:dead,death""".split()
    )
    for form in forms.split(",")
}
"""Of each form its verb."""
IRREGULAR = tuple(
    (verb, *(form for form, of in VERB_OF.items() if of == verb))
    for verb in dict.fromkeys(VERB_OF.values())
)
"""Each verb with all its forms."""
