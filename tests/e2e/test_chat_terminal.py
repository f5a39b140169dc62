"""holysheepctl chat on a terminal: lines are edited, kept and pasted."""

import contextlib
import signal
import stat
import termios

import pytest

from harness.process import BIN, environment, wait_until
from harness.terminal import Terminal
from harness.upstream import answer_text, plain, text

UP = "\x1b[A"
CONTROL_C, CONTROL_D = "\x03", "\x04"
PASTES_ON, PASTES_OFF = "\x1b[?2004h", "\x1b[?2004l"


def is_editing(terminal):
    return not terminal.modes() & termios.ICANON


def wait_for_prompt(terminal):
    """The prompt is there before the terminal stops to read lines of its own."""
    terminal.wait_for("> ")
    wait_until(lambda: is_editing(terminal), what="the editing")


def pasted(words):
    return f"\x1b[200~{words}\x1b[201~"


@pytest.fixture
def said(upstream):
    """What the last message of each call said."""
    messages = []

    def answer(request, reply):
        messages.append(plain(request.body["messages"][-1]["content"]))
        reply.stream(*answer_text(f"answer {len(messages)}."))

    upstream.answer = answer
    return messages


@pytest.fixture
def chat(node, tmp_path):
    """Starts a conversation that is ended with the test."""
    with contextlib.ExitStack() as open_ones:

        def start(**variables):
            env = environment(HOLYSHEEP_ADDRESS=node.address, HOME=tmp_path,
                              XDG_STATE_HOME=tmp_path / "state", NO_COLOR=1, **variables)
            terminal = Terminal([BIN / "holysheepctl", "chat", "--quiet"], env)
            open_ones.callback(terminal.close)
            wait_for_prompt(terminal)
            return terminal

        yield start


def ask(terminal, keys, answer):
    terminal.type(keys)
    terminal.wait_for(f"answer {answer}\\.")
    wait_for_prompt(terminal)


def end(terminal):
    terminal.type(CONTROL_D)
    assert terminal.wait() == 0


def test_a_line_can_be_edited(chat, said):
    terminal = chat()
    ask(terminal, "wool\x01the \x05!\r", 1)
    ask(terminal, "T\u00f6nf\x7fe \u7f8a\r", 2)
    end(terminal)
    assert said == ["the wool!", "T\u00f6ne \u7f8a"]


def test_earlier_lines_come_back(chat, said):
    terminal = chat()
    ask(terminal, "one\r", 1)
    ask(terminal, "two\r", 2)
    ask(terminal, UP + UP + "!\r", 3)
    end(terminal)
    assert said == ["one", "two", "one!"]


def test_also_those_of_the_last_conversation(chat, said, tmp_path):
    terminal = chat()
    ask(terminal, "one\r", 1)
    ask(terminal, pasted("two\rlines") + "\r", 2)
    end(terminal)
    history = tmp_path / "state/holysheep/history"
    assert history.read_text() == "one\ntwo\\nlines\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    terminal = chat()
    ask(terminal, UP + "\r", 3)
    end(terminal)
    assert said[-1] == "two\nlines"


def test_but_not_if_that_is_off(chat, said, tmp_path):
    terminal = chat(HOLYSHEEP_HISTORY="off")
    ask(terminal, "one\r", 1)
    ask(terminal, UP + "\r", 2)
    end(terminal)
    assert said == ["one", "one"]
    assert not (tmp_path / "state").exists()


def test_a_history_that_cannot_be_written_is_done_without(chat, said, tmp_path):
    (tmp_path / "state").write_text("in the way")
    terminal = chat()
    ask(terminal, "one\r", 1)
    end(terminal)
    assert said == ["one"]


def test_a_paste_of_several_lines_is_one_message(chat, said):
    terminal = chat()
    ask(terminal, pasted("one\r/exit\r\rthree\r") + " four\r", 1)
    end(terminal)
    assert said == ["one\n/exit\n\nthree four"]


def test_pastes_are_asked_for_only_while_a_line_is_read(chat, said):
    terminal = chat()
    end(terminal)
    raw = terminal.raw()
    assert raw.count(PASTES_ON) == raw.count(PASTES_OFF) > 0
    assert raw.rindex(PASTES_OFF) > raw.rindex(PASTES_ON)


def test_a_mistyped_command_is_not_sent(chat, said):
    terminal = chat()
    terminal.type("/rset\r")
    terminal.wait_for("/help, /reset, /exit and /quit")
    wait_for_prompt(terminal)
    terminal.type("/exit\r")
    assert terminal.wait() == 0
    assert said == []


def test_control_c_cancels_the_answer_and_the_conversation_goes_on(chat, upstream):
    def answer(request, reply):
        reply.open()
        reply.send(text("half an answer"))
        assert request.wait_for_close()

    upstream.answer = answer
    terminal = chat()
    terminal.type("one\r")
    terminal.wait_for("half an answer")
    terminal.type(CONTROL_C)
    terminal.wait_for("interrupted")
    wait_for_prompt(terminal)
    terminal.type(CONTROL_D)
    assert terminal.wait() == 130


@pytest.mark.parametrize("stop", [lambda terminal: terminal.type(CONTROL_C),
                                  lambda terminal: terminal.process.send_signal(signal.SIGTERM)])
def test_an_interrupt_at_the_prompt_ends_it_and_leaves_the_terminal_as_it_was(chat, stop):
    terminal = chat()
    terminal.type("half a line")
    terminal.wait_for("half a line")
    stop(terminal)
    assert terminal.wait() == 130
    assert terminal.raw().rindex(PASTES_OFF) > terminal.raw().rindex(PASTES_ON)
    assert not is_editing(terminal) and terminal.modes() & termios.ECHO


def test_on_a_terminal_that_can_only_print_it_is_as_through_a_pipe(node, said, tmp_path):
    terminal = Terminal(["env", "TERM=dumb", BIN / "holysheepctl", "chat", "--quiet"],
                        environment(HOLYSHEEP_ADDRESS=node.address, HOME=tmp_path))
    try:
        terminal.wait_for("> ")
        terminal.type("one\r")
        terminal.wait_for("answer 1\\.")
        terminal.wait_for("> ")
        end(terminal)
        assert PASTES_ON not in terminal.raw()
    finally:
        terminal.close()
    assert said == ["one"]
