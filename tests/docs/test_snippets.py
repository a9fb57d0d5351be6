"""The extraction of snippets finds what it should, and says no to documents that hide code from the compiler."""
import unittest

import snippets


class Snippets(unittest.TestCase):
    def made(self, text):
        return snippets.sources("page.md", text)

    def refused(self, text):
        with self.assertRaises(snippets.Broken) as caught:
            self.made(text)
        return str(caught.exception)

    def test_a_marked_block_becomes_a_file_that_names_its_place(self):
        made = self.made("words\n\n<!-- compile -->\n```cpp\nint x;\nint y;\n```\n")

        self.assertEqual(made, ['// Block 1 of page.md.\n#line 5 "page.md"\nint x;\nint y;\n'])

    def test_blocks_go_on_where_the_one_before_ended(self):
        made = self.made("<!-- compile -->\n```cpp\nint x;\n```\n<!-- compile: members -->\n```cpp\nint m();\n```\n"
                         "<!-- compile: statements -->\n```cpp\n++x;\n```\n<!-- compile -->\n```cpp\nint z;\n```\n")

        self.assertEqual(len(made), 2)
        self.assertIn("class snippet_hub_2", made[0])
        self.assertIn("void snippet_3", made[0])
        self.assertNotIn("int x", made[1])

    def test_short_blocks_and_other_languages_need_no_comment(self):
        self.assertEqual(self.made("```cpp\nint x;\n```\n```sh\na\nb\nc\nd\ne\n```\n"), [])

    def test_a_reason_keeps_a_block_from_the_compiler(self):
        self.assertEqual(self.made("<!-- not compiled: wrong on purpose -->\n```cpp\na\nb\nc\nd\n```\n"), [])

    def test_a_long_block_without_a_comment_is_refused(self):
        self.assertIn("page.md:2: 4 lines", self.refused("```cpp\na\nb\nc\nd\n```\n"))

    def test_a_comment_in_the_wrong_place_is_refused(self):
        self.assertIn("page.md:2", self.refused("<!-- compile -->\nwords\n```cpp\nint x;\n```\n"))
        self.assertIn("page.md:2", self.refused("<!-- compile -->\n```js\nlet x;\n```\n"))

    def test_an_unknown_way_and_a_missing_reason_are_refused(self):
        self.assertIn("unknown way", self.refused("<!-- compile: later -->\n```cpp\nint x;\n```\n"))
        self.assertIn("why", self.refused("<!-- not compiled -->\n```cpp\nint x;\n```\n"))

    def test_the_first_block_has_nothing_to_go_on_from(self):
        self.assertIn("no block before", self.refused("<!-- compile: continue -->\n```cpp\nint x;\n```\n"))


if __name__ == "__main__":
    unittest.main()
