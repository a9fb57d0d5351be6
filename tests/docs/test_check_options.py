"""A document that forgets an option, tells another default or invents an option is found."""
import os
import re
import unittest

import check_options

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def project(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def with_change(path, pattern, replacement):
    """Reads the project, but one file is changed first; the change must take place."""
    changed, count = re.subn(pattern, replacement, project(path), count=1)
    assert count == 1, f"{pattern} is not in {path}"
    return lambda name: changed if name == path else project(name)


class Options(unittest.TestCase):
    def test_the_project_keeps_its_word(self):
        self.assertEqual(check_options.check(project), [])

    def test_a_forgotten_option_is_found(self):
        found = check_options.check(with_change("docs/options.md", r"\n\| `send_timeout`[^\n]*", ""))

        self.assertEqual(found, ["server_options: option send_timeout is missing in docs/options.md"])

    def test_another_default_in_the_document_is_found(self):
        found = check_options.check(with_change("docs/options.md", r"(\n\| `keep_alive_interval` \|) 15 s", r"\1 16 s"))

        self.assertEqual(len(found), 1)
        self.assertIn("keep_alive_interval", found[0])

    def test_another_default_in_a_header_is_found(self):
        header = "transports/include/hubbub/server_options.hpp"
        found = check_options.check(with_change(header, r"max_request_head = 32 \* 1024", "max_request_head = 64 * 1024"))

        self.assertEqual(len(found), 1)
        self.assertIn("max_request_head is 65536", found[0])

    def test_a_new_option_of_the_builder_is_found(self):
        found = check_options.check(with_change(check_options.BUILDER, r"\n private:",
                                                "\n  endpoint_builder& wings(int count);\n private:"))

        self.assertEqual(found, ["endpoint_builder: option wings is missing in docs/options.md"])

    def test_an_option_that_tests_cannot_set_is_found(self):
        found = check_options.check(with_change(check_options.TESTING, r"endpoint& max_streams\(", "endpoint& fewer("))

        self.assertEqual(found, ["hub_settings: max_streams cannot be set through testing::endpoint"])

    def test_a_new_member_of_a_struct_is_found(self):
        header = "transports/include/hubbub/server_options.hpp"
        found = check_options.check(with_change(header, r"(struct listen_options \{\n)", r"\1  bool fast = true;\n"))

        self.assertEqual(found, ["listen_options: option fast is missing in docs/options.md"])

    def test_an_invented_option_is_found(self):
        found = check_options.check(with_change("docs/options.md", r"(\n\| `send_timeout`)", r"\n| `wings` | 2 | | |\1"))

        self.assertEqual(found, ["server_options: docs/options.md tells of wings, which does not exist"])

    def test_sizes_times_and_texts_are_read_as_a_reader_would(self):
        told = check_options.value_of_document
        self.assertEqual([told(" 32 KiB "), told("100 000"), told("15 s"), told("100 ms"), told("`127.0.0.1`"),
                          told("empty"), told("false"), told("4 MiB")],
                         [32768, 100000, 15000, 100, "127.0.0.1", "", "false", 4 * 1024 * 1024])


if __name__ == "__main__":
    unittest.main()
