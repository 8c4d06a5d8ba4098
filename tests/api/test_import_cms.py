"""Quarterly files of CMS in every form they are published in: kept, and compared. The rows are made up."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

Run = Callable[..., subprocess.CompletedProcess[bytes]]

HEADING = (
    "CPT only copyright of its owner.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
PAIRS = (
    '64493\t64450\t\t20130401\t*\t0\tMisuse of "column two" code',
    "64493\t99213\t\t20130401\t*\t1\tA code that no rule knows",
    "62323\t77003\t\t20170101\t20240930\t1\tEnds after the quarter",
    "62321\t77003\t\t20170101\t20240331\t1\tEnded before the quarter",
    "64635\t64493\t\t20120101\t*\t9\tTaken back",
)


def ptp(*rows: str) -> bytes:
    return "\r\n".join([*HEADING, *rows, ""]).encode()


def mue(*rows: str, setting: str = "Practitioner") -> bytes:
    above = '"CPT codes and\nother data",,,\n'
    heading = f'"HCPCS/\nCPT Code","{setting} Services MUE Values","MUE Adjudication Indicator","MUE Rationale"\n'
    return (above + heading + "\n".join(rows) + "\n").encode()


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def imported(tmp_path: Path, spinecoder: Run) -> Callable[..., dict[str, Any]]:
    """The page of an import of files by their names, its tables by their title; everything goes into one folder."""

    def run(*options: object, **files: bytes) -> dict[str, Any]:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        paths = [tmp_path / name for name in files]
        done = spinecoder("rules", "import-cms", *paths, "--into", tmp_path / "kept", *options, "--format", "json")
        assert (done.returncode, done.stderr) == (0, b"")
        made = json.loads(done.stdout)
        return {table["title"]: table["rows"] for table in made["tables"]}

    return run


Imported = Callable[..., dict[str, Any]]


def files(**named: bytes) -> dict[str, bytes]:
    """File names cannot be keywords: ``__`` is a dot, ``_v`` a hyphen and a ``v``."""
    return {
        name.replace("__", ".").replace("_v", "-v").replace("_f1", "-f1"): content for name, content in named.items()
    }


def shipped(tables: dict[str, Any]) -> dict[str, tuple[str, str]]:
    [rows] = [rows for title, rows in tables.items() if "shipped" in title]
    return {row["about"]: (row["shipped"], row["table"]) for row in rows}


def test_pairs_in_tab_text_are_kept_and_compared_with_the_rules(tmp_path: Path, imported: Imported) -> None:
    tables = imported(**files(ccipra_v302r0_f1__TXT=ptp(*PAIRS)))
    assert tables["Kept"] == [{
        "file": "ccipra-v302r0-f1.TXT", "table": "ptp-practitioner", "quarter": "2024q3", "rows": "5",
        "rows of codes known here": "4",
    }]  # fmt: skip
    told = shipped(tables)
    assert "62323/77003" not in told
    assert told["62321/77003"] == ("1", "nothing")
    assert told["64635/64493"] == ("1", "nothing")
    assert told["64493/64450"][1] == "0"
    kept = (tmp_path / "kept/ptp-practitioner/2024q3.csv").read_text()
    assert "99213" not in kept
    assert "64493,64450,0,2013-04-01,,ccipra-v302r0-f1.TXT" in kept


def test_a_first_day_that_the_rules_do_not_know_is_told(imported: Imported) -> None:
    told = shipped(imported(**files(ccipra_v302r0_f1__TXT=ptp("64635\t64493\t\t20150701\t*\t1\tx"))))
    assert told["64635/64493 first day"] == ("2012-01-01", "2015-07-01")


def test_every_quarter_is_kept_and_compared_with_the_one_before(tmp_path: Path, imported: Imported) -> None:
    imported(**files(ccipra_v301r0_f1__TXT=ptp(*PAIRS[:3])))
    tables = imported(**files(ccipra_v302r0_f1__TXT=ptp(PAIRS[0].replace("\t0\t", "\t1\t"), PAIRS[3])))
    changed = tables["ptp-practitioner 2024q3: changed since 2024q2"]
    assert changed == [
        {"about": "62321/77003", "2024q2": "nothing", "table": "1 from 2017-01-01 through 2024-03-31"},
        {"about": "62323/77003", "2024q2": "1 from 2017-01-01 through 2024-09-30", "table": "nothing"},
        {"about": "64493/64450", "2024q2": "0 from 2013-04-01", "table": "1 from 2013-04-01"},
    ]
    assert sorted(path.name for path in (tmp_path / "kept/ptp-practitioner").iterdir()) == ["2024q2.csv", "2024q3.csv"]


def test_parts_of_a_table_add_up_and_an_import_can_be_repeated(tmp_path: Path, imported: Imported) -> None:
    first, second = ptp(PAIRS[0]), ptp(PAIRS[2])
    imported(**{"ccipra-v302r0-f1.txt": first})
    imported(**{"ccipra-v302r0-f2.txt": second})
    once = (tmp_path / "kept/ptp-practitioner/2024q3.csv").read_bytes()
    imported(**{"ccipra-v302r0-f1.txt": first, "ccipra-v302r0-f2.txt": second})
    assert (tmp_path / "kept/ptp-practitioner/2024q3.csv").read_bytes() == once
    assert len(once.splitlines()) == 3


def test_limits_are_compared_by_the_kind_of_claim(imported: Imported) -> None:
    rows = ("62272,1,3 Date of Service Edit: Clinical,x", "64450,7,3 Date of Service Edit: Clinical,x")
    practitioner = shipped(imported(**{"MCR_MUE_PractitionerServices_Eff_07-01-2024.csv": mue(*rows)}))
    assert "62272" not in practitioner
    assert practitioner["64450"] == ("10 units, indicator 3", "7 units, indicator 3")
    outpatient = mue(*rows, setting="Outpatient Hospital")
    tables = imported(**{"MCR_MUE_OutpatientHospitalServices_Eff_10-01-2024.csv": outpatient})
    assert tables["Kept"][0]["table"] == "mue-outpatient"
    assert tables["Kept"][0]["quarter"] == "2024q4"
    assert shipped(tables)["62272"] == ("2 units, indicator 3", "1 units, indicator 3")


def test_outpatient_pairs_are_kept_apart(tmp_path: Path, imported: Imported) -> None:
    tables = imported(**files(ccioph_v302r0_f1__TXT=ptp(PAIRS[0])))
    assert tables["Kept"][0]["table"] == "ptp-outpatient"
    assert (tmp_path / "kept/ptp-outpatient/2024q3.csv").exists()


AOC = ("AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
       "AOC_Edit_DelDT", "Special_Instruction_Notes")  # fmt: skip


def test_add_ons_in_a_sheet_are_compared_with_the_parents(imported: Imported) -> None:
    rows = (
        (1, "64494", None, "64490", None, 2013001, None, None),
        (1, "64494", None, "64493", None, 2013001, 2020366, None),
        (1, "22512", None, "22510", None, 2015001, None, None),
        (1, "22512", None, "22511", None, 2015001, None, "a note"),
        (2, "22515", None, "CCCCC", None, 2015001, None, "no list"),
    )
    told = shipped(imported(**{"AOC_V2024Q3-MCR.xlsx": sheet(("a notice",), AOC, *rows)}))
    assert told["64494 parents"] == ("64490, 64493", "64490")
    assert told["22515 parents"] == ("22513, 22514", "nothing")
    assert "22512 parents" not in told


@pytest.mark.parametrize(("digits", "start", "end"), [(7, "2013001", "2020366"), (5, "13001", "20366")])
def test_add_ons_in_text_of_fixed_width_say_the_same(digits: int, start: str, end: str, imported: Imported) -> None:
    blank = " " * digits
    text = "".join(
        f"1{add_on}{blank}{primary}{blank}{start}{last}{'':60}\r\n"
        for add_on, primary, last in (("64494", "64490", blank), ("64494", "64493", end))
    )
    tables = imported(**{"AOC_V2024Q3_01-MCR.txt": text.encode()})
    assert tables["Kept"][0]["table"] == "add-on"
    assert shipped(tables)["64494 parents"] == ("64490, 64493", "64490")


def test_a_sheet_of_pairs_says_the_same_as_the_text(tmp_path: Path, imported: Imported) -> None:
    imported(**{"ccipra-v302r0-f1.txt": ptp(*PAIRS)})
    kept = tmp_path / "kept/ptp-practitioner/2024q3.csv"
    text = kept.read_text().replace("f1.txt", "f1.xlsx")
    kept.unlink()
    rows = [tuple(cell or None for cell in line.split("\t")) for line in (*HEADING, *PAIRS)]
    imported(**{"ccipra-v302r0-f1.xlsx": sheet(*rows)})
    assert kept.read_text() == text


def test_a_zip_is_opened_and_a_table_in_two_forms_is_read_once(tmp_path: Path, imported: Imported) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.pdf", b"%PDF-")
        archive.writestr("folder/ccipra-v302r0-f1.TXT", ptp(PAIRS[0]))
        archive.writestr("folder/ccipra-v302r0-f1.xlsx", b"the same again")
    tables = imported(**{"practitioner.zip": out.getvalue()})
    assert [row["file"] for row in tables["Kept"]] == ["ccipra-v302r0-f1.TXT"]
    assert (tmp_path / "kept/ptp-practitioner/2024q3.csv").exists()


def test_the_quarter_can_be_said(imported: Imported) -> None:
    tables = imported("--quarter", "2023q4", **{"pairs of practitioners (practitioner).txt": ptp(PAIRS[0])})
    assert tables["Kept"][0]["quarter"] == "2023q4"


def test_tables_that_were_cut_and_packaged_anew_are_read_too(imported: Imported) -> None:
    pairs = (
        b"column_1,column_2,last_date,modifier_indicator,rationale\r\n"
        b"62323,77003,2024-06-30,1,x\r\n64635,64493,9999-12-31,1,x\r\n"
    )
    limits = b"code,mue_practitioner,mai,rationale,mue_outpatient\r\n62272,1,3,x,2\r\n"
    parents = b"primary_code,add_on_code,aoc_edit_type\r\n22510,22512,1\r\n22511,22512,1\r\n"
    tables = imported(**{
        "pairs-practitioner-2024q3.csv": pairs, "limits-2024q3.csv": limits, "parents-2024q2.csv": parents,
    })  # fmt: skip
    assert [(row["table"], row["rows"]) for row in tables["Kept"]] == [
        ("ptp-practitioner", "2"), ("mue-practitioner", "1"), ("add-on", "2"),
    ]  # fmt: skip
    told = {
        title.partition(":")[0]: {row["about"] for row in rows} for title, rows in tables.items() if "shipped" in title
    }
    assert "62323/77003" in told["ptp-practitioner 2024q3"]  # it ended before the quarter
    assert "64635/64493" not in told["ptp-practitioner 2024q3"]
    assert "62272" not in told["mue-practitioner 2024q3"]
    assert "22512 parents" not in told["add-on 2024q2"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ccipra-v302r0-f2.txt", ptp("64493;64450;0", "no row"), "no row that can be read"),
        ("MCR_MUE_PractitionerServices_Eff_07-01-2024.csv", mue("62272,many,3,x"), "no row that can be read"),
        ("pairs-practitioner.txt", ptp(PAIRS[0]), "tells no quarter"),
        ("pairs-2024q3.txt", ptp(PAIRS[0]), "practitioners or outpatients"),
        ("notes-2024q3.txt", b"hello\n", "is no table"),
        ("MCR_MUE_DMESupplierServices_Eff_07-01-2024.csv", mue("62272,1,3,x", setting="DME Supplier"), "suppliers"),
        ("AOC_V2024Q3.xlsx", b"no sheet", "is no XLSX"),
        ("empty.zip", b"PK\x05\x06" + bytes(18), "holds no table"),
        ("nothing.txt", b"", "is no table"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_kept(
    name: str, content: bytes, words: str, tmp_path: Path, spinecoder: Run
) -> None:
    good, bad = tmp_path / "ccipra-v302r0-f1.txt", tmp_path / name
    good.write_bytes(ptp(PAIRS[0]))
    bad.write_bytes(content)
    done = spinecoder("rules", "import-cms", good, bad, "--into", tmp_path / "kept")
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path, spinecoder: Run) -> None:
    (tmp_path / "kept/ptp-practitioner").mkdir(parents=True)
    (tmp_path / "kept/ptp-practitioner/2024q2.csv").write_text("something else\n")
    good = tmp_path / "ccipra-v302r0-f1.txt"
    good.write_bytes(ptp(PAIRS[0]))
    done = spinecoder("rules", "import-cms", good, "--into", tmp_path / "kept")
    assert done.returncode == 2
    assert "is not what import-cms keeps" in done.stderr.decode()


def test_a_sheet_without_its_extra_is_told_what_to_install(tmp_path: Path, spinecoder: Run) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without/openpyxl.py").write_text("raise ImportError\n")
    path = tmp_path / "AOC_V2024Q3-MCR.xlsx"
    path.write_bytes(sheet(AOC))
    environment = {"PYTHONPATH": str(tmp_path / "without")}
    done = spinecoder("rules", "import-cms", path, "--into", tmp_path / "kept", env=environment)
    assert done.returncode == 2
    assert "spinecoder[cms]" in done.stderr.decode()
