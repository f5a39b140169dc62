"""holysheepctl batch with the files that people have: CSV of Excel, encodings, OpenAI's batches."""

import codecs
import csv
import io
import json
import os
import subprocess

import pytest

from harness.process import BIN, SLOWDOWN, environment
from harness.upstream import echo


@pytest.fixture
def node(start_node, upstream):
    """A service without a limit on requests."""
    upstream.answer = echo
    return start_node(upstream.url, limits={"requests_per_minute": 0})


@pytest.fixture
def folder(tmp_path):
    """Holds what the client reads and writes, and nothing else."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def batch(node, *arguments, given=b"", where='exec "$@"'):
    """The client, under a shell that may arrange its output; all output as bytes."""
    return subprocess.run(["bash", "-c", where, "bash", BIN / "holysheepctl", "batch", *arguments],
                          env=environment(HOLYSHEEP_ADDRESS=node.address), input=given,
                          capture_output=True, timeout=60 * SLOWDOWN, check=False)


def rows(data, delimiter=","):
    """As Excel reads a CSV file: UTF-8 by its mark, the excel dialect."""
    assert data.startswith(codecs.BOM_UTF8)
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=delimiter, strict=True))


def asked(upstream):
    return sorted(chat.body["messages"][-1]["content"] for chat in upstream.chats)


TABLE = "Nr;query;Abteilung\r\n1;Größe, bitte;Ä\r\n2;\"zwei\nZeilen\";\r\n;;\r\n"


@pytest.mark.parametrize("data, flags", [
    (TABLE.encode(), ()),
    (TABLE.encode("utf-8-sig"), ()),
    (TABLE.encode("utf-16"), ()),
    (TABLE.encode("utf-16-be"), ()),
    (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), ()),
    (TABLE.encode("windows-1252"), ("--encoding", "windows-1252")),
    (TABLE.replace(";", "\t").encode("utf-16"), ()),
    (TABLE.replace("\r\n", "\r").encode(), ()),
    (b"sep=;\r\n" + TABLE.encode(), ()),
    (TABLE.replace(";", "!").encode(), ("--delimiter", "!")),
], ids=["utf-8", "mark", "utf-16", "utf-16 guessed", "big-endian", "windows-1252", "tabs", "cr",
        "sep", "flag"])
def test_csv_is_read_in_every_dress_and_comes_back_with_its_columns(node, upstream, folder, data,
                                                                     flags):
    source, out = folder / "in.csv", folder / "out.csv"
    source.write_bytes(data)
    done = batch(node, source, out, *flags)
    assert done.returncode == 0, done.stderr
    assert asked(upstream) == ["Größe, bitte", "zwei\nZeilen"]
    delimiter = "\t" if b"\t" in data else "!" if b"!" in data else ";"
    found = rows(out.read_bytes(), delimiter)
    assert [(row["Nr"], row["query"], row["Abteilung"], row["result"], row["error"])
            for row in found] == [("1", "Größe, bitte", "Ä", "Größe, bitte", ""),
                                  ("2", "zwei\nZeilen", "", "zwei\nZeilen", "")]
    assert {row["finish_reason"] for row in found} == {"STOP"}
    assert sorted(path.name for path in folder.iterdir()) == ["in.csv", "out.csv"]
    assert oct(out.stat().st_mode) == "0o100600"


@pytest.mark.parametrize("encoding, name", [("gbk", "GBK"), ("big5", "Big5"),
                                            ("shift_jis", "Shift-JIS"), ("utf-16-le", "UTF-16LE")])
def test_an_encoding_is_named_by_a_flag(node, upstream, folder, encoding, name):
    source, out = folder / "in.txt", folder / "out.jsonl"
    source.write_bytes("羊毛\n山羊\n".encode(encoding))
    done = batch(node, source, out, "--encoding", name)
    assert done.returncode == 0, done.stderr
    assert asked(upstream) == sorted(["羊毛", "山羊"])


@pytest.mark.parametrize("data, words", [
    ("query\nGröße und Höhe\n".encode("windows-1252"), b"in.csv:2: not UTF-8; give its encoding, "
                                                       b"perhaps --encoding windows-1252"),
    ("query\n为什么羊群居\n".encode("gbk"), b"perhaps --encoding GBK"),
    ("query\nなぜひつじは\n".encode("shift_jis"), b"perhaps --encoding Shift-JIS"),
    (b"Frage,Nr\na,1\n", b"--column query=NAME; the header has: Frage, Nr"),
    (b'query,a\n"one\ntwo,1\n', b"in.csv:2: a quote is not closed before the end of the file"),
    (b"query,model\none,x\ntwo\n", b"in.csv:3: 1 fields under a header of 2"),
    ("query\none\ntwo\n".encode("utf-16")[:-1], b"in.csv:3: ends in the middle of a character"),
    (b"query,prompt\n", b"column query occurs twice"),
    (b"PK\x03\x04", b"in.csv is a spreadsheet"),
])
def test_what_cannot_be_read_is_said_in_one_line_and_nothing_is_asked(node, upstream, folder,
                                                                       data, words):
    (folder / "in.csv").write_bytes(data)
    done = batch(node, folder / "in.csv", folder / "out.csv")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1 and done.stderr.startswith(b"error: ")
    assert not upstream.chats
    assert [path.name for path in folder.iterdir()] == ["in.csv"]


def test_columns_are_named_by_flags_and_guesses_are_said(node, upstream, folder):
    source, out = folder / "in.csv", folder / "out.jsonl"
    source.write_bytes('Nr;Frage;modell\n7;5" Nägel?;x\n'.encode())
    done = batch(node, source, out, "--column", "query=Frage", "--column", "id=Nr")
    assert done.returncode == 0, done.stderr
    assert b"semicolon, by the first line; --delimiter says otherwise" in done.stderr
    assert b"columns passed through: modell; " in done.stderr and b"--column" in done.stderr
    assert b"in.csv:2: a quote inside a field" in done.stderr
    result = json.loads(out.read_text().splitlines()[1])
    assert (result["id"], result["columns"]) == ("7", {"modell": "x"})
    assert asked(upstream) == ['5" Nägel?']


def openai_line(name, body, **others):
    return json.dumps({"custom_id": name, "method": "POST", "url": "/v1/chat/completions",
                       "body": body} | others) + "\n"


def moody(request, reply):
    if request.body["messages"][-1]["content"] == "fail":
        return reply.error(400, "invalid_request")
    return echo(request, reply)


def test_openais_batch_files_are_read_and_written(node, upstream, folder):
    upstream.answer = moody
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    messages = [{"role": "system", "content": "Be kind"},
                {"role": "user", "content": [{"type": "text", "text": "Hallo"}]}]
    source.write_text(
        openai_line("a", {"model": "gpt-4.1", "messages": messages, "max_tokens": 9}) +
        openai_line("b", {"model": "gpt-4.1", "messages": [{"role": "user", "content": "fail"}]}))
    done = batch(node, source, out)
    assert done.returncode == 1
    assert b"--resume --retry-errors" in done.stderr
    first, second = map(json.loads, out.read_text().splitlines())
    assert (first["custom_id"], first["error"]) == ("a", None)
    assert first["response"]["status_code"] == 200
    body = first["response"]["body"]
    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"]["content"] == "Hallo"
    assert body["choices"][0]["finish_reason"] == "stop"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert (second["custom_id"], second["response"]) == ("b", None)
    assert second["error"]["code"] == "invalid_argument" and second["error"]["message"]
    sent = next(chat.body for chat in upstream.chats if chat.body.get("max_tokens") == 9)
    assert sent["model"] == "gpt-4.1"
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    upstream.answer = echo
    asked_before = len(upstream.chats)
    assert batch(node, source, out, "--resume", "--retry-errors").returncode == 0
    assert len(upstream.chats) == asked_before + 1
    assert all(json.loads(line)["error"] is None for line in out.read_text().splitlines())
    assert not (folder / "out.jsonl.part").exists()


def test_another_endpoint_of_openais_is_refused(node, upstream, folder):
    (folder / "in.jsonl").write_text(openai_line("a", {}, url="/v1/embeddings"))
    done = batch(node, folder / "in.jsonl", folder / "out.jsonl")
    assert done.returncode == 2
    assert b"in.jsonl:1: url `/v1/embeddings` cannot be asked" in done.stderr


def test_our_own_lines_may_have_openais_messages(node, upstream, folder):
    (folder / "in.jsonl").write_text(
        '{"id": "x", "messages": [{"role": "user", "content": "Hallo"}], "temperature": 0}\n')
    done = batch(node, folder / "in.jsonl", folder / "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert asked(upstream) == ["Hallo"]


@pytest.mark.parametrize("given, flags", [
    (b"one\ntwo\n", ()), (b'{"query": "one"}\n{"query": "two"}\n', ()),
    (b"id;query\n1;one\n2;two\n", ()),
])
def test_a_dash_is_standard_input_and_output(node, upstream, given, flags):
    done = batch(node, "-", "-", *flags, given=given)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(result["response"]["result"] for result in found) == ["one", "two"]
    assert b"100 % 2/2" in done.stderr


def test_csv_goes_to_standard_output_in_the_order_of_the_input(node, upstream, folder):
    source = folder / "in.csv"
    source.write_text("query,x\n" + "".join(f"q{i},{i}\n" for i in range(50)))
    done = batch(node, source, "-", "--output-format", "csv", "--quiet")
    assert done.returncode == 0, done.stderr
    assert [(row["x"], row["result"]) for row in rows(done.stdout)] == \
        [(str(i), f"q{i}") for i in range(50)]
    plain = batch(node, source, "-", "--output-format", "csv", "--no-bom")
    assert plain.stdout.startswith(b"query,x,result,")


@pytest.mark.parametrize("form", ["jsonl", "csv", "openai"])
@pytest.mark.parametrize("where", ['exec "$@" >/dev/full', 'exec "$@" >&-'], ids=["full", "closed"])
def test_an_output_that_cannot_be_written_is_not_success(node, upstream, where, form):
    done = batch(node, "-", "-", "--output-format", form, "--quiet", given=b"one\ntwo\n",
                 where=where)
    assert done.returncode == 1
    assert done.stderr.endswith(b"error: standard output could not be written\n")


def test_a_full_disk_leaves_no_half_file(node, upstream, folder):
    source, out = folder / "in.txt", folder / "out.csv"
    source.write_text("".join(f"question {i}\n" for i in range(60)))
    full = "ulimit -f 20; trap '' XFSZ; exec \"$@\""
    done = batch(node, source, out, where=full)
    assert done.returncode == 1
    assert b"cannot write" in done.stderr and b"--resume" in done.stderr
    assert not out.exists()
    done = batch(node, source, out, "--resume")
    assert done.returncode == 0, done.stderr
    assert [row["result"] for row in rows(out.read_bytes())] == \
        [f"question {i}" for i in range(60)]
    assert sorted(os.listdir(folder)) == ["in.txt", "out.csv"]


def test_an_output_that_is_there_is_left_alone(node, upstream, folder):
    source, out = folder / "in.csv", folder / "out.csv"
    source.write_text("query\none\n")
    out.write_text("precious")
    for flags in ((), ("--resume",)):
        done = batch(node, source, out, *flags)
        assert done.returncode == 2 and b"is there already" in done.stderr
    assert out.read_text() == "precious"
    assert not upstream.chats
