// Results in the words of the Test Anything Protocol, ended by the sums that Node's test runner ends with, too.
namespace Hubbub.Interop;

/// <summary>May be used by several suites at once.</summary>
public sealed class Report(TextWriter output)
{
    private readonly Lock oneAtATime = new();
    private int passed, failed, skipped;

    public bool AllWell => failed == 0 && passed > 0;

    public void Begin(string subject) => output.WriteLine($"TAP version 13\n# {subject}");

    public void Passed(string name) => Line(ref passed, "ok", name);
    public void Skipped(string name, string why) => Line(ref skipped, "ok", $"{name} # SKIP {why}");
    public void Failed(string name, Exception why) => Line(ref failed, "not ok", name, why is Unmet ? $"{why.Message}\n{Place(why)}" : why.ToString());

    public void End()
    {
        lock (oneAtATime)
        {
            var all = passed + failed + skipped;
            output.WriteLine($"1..{all}\n# tests {all}\n# pass {passed}\n# fail {failed}\n# skipped {skipped}");
            output.Flush();
        }
    }

    private void Line(ref int counter, string verdict, string name, string detail = "")
    {
        lock (oneAtATime)
        {
            counter++;
            output.WriteLine($"{verdict} {passed + failed + skipped} - {name}");
            foreach (var line in detail.Split('\n', StringSplitOptions.RemoveEmptyEntries)) output.WriteLine($"#   {line.TrimEnd()}");
            output.Flush();
        }
    }

    // The case's own lines are what helps; the rest is how tasks are run.
    private static string Place(Exception why) =>
        string.Join('\n', (why.StackTrace ?? "").Split('\n').Where(line => line.Contains("Cases.cs")));
}
