// Waiting with a deadline that names what was missing. Nothing here waits for time to pass.
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Hubbub.Interop;

/// <summary>An expectation that was not met.</summary>
public sealed class Unmet(string message) : Exception(message);

public static class Waiting
{
    public const int Patience = 10;

    public static async Task<T> Within<T>(string what, Task<T> task, int seconds = Patience)
    {
        await Within(what, (Task)task, seconds);
        return await task;
    }

    public static async Task Within(string what, Task task, int seconds = Patience)
    {
        using var enough = new CancellationTokenSource();
        var late = Task.Delay(TimeSpan.FromSeconds(seconds), enough.Token);
        if (await Task.WhenAny(task, late) == late)
        {
            // Whatever becomes of it later is nobody's business.
            _ = task.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
            throw new Unmet($"waited {seconds} s for {what}");
        }
        enough.Cancel();
        await task;
    }

    /// <summary>Asks again until the answer is true. For states of the server that announce themselves by no event.</summary>
    public static async Task Eventually(string what, Func<Task<bool>> question, int seconds = Patience)
    {
        using var between = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var end = DateTime.UtcNow.AddSeconds(seconds); !await question();)
        {
            if (DateTime.UtcNow > end) throw new Unmet($"waited {seconds} s until {what}");
            await between.WaitForNextTickAsync();
        }
    }
}

/// <summary>A queue whose reader waits: events in, Next() out.</summary>
public sealed class Inbox<T>(string name)
{
    private readonly Channel<T> items = Channel.CreateUnbounded<T>();

    public int Count => items.Reader.Count;
    public void Add(T item) => items.Writer.TryWrite(item);

    public async Task<T> Next(int seconds = Waiting.Patience) =>
        await Waiting.Within($"the next of {name}", items.Reader.ReadAsync().AsTask(), seconds);

    public async Task<List<T>> Take(int count)
    {
        var taken = new List<T>(count);
        while (taken.Count < count) taken.Add(await Next());
        return taken;
    }
}

public static class Check
{
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new Unmet($"{what} is {Shown(actual)}, expected {Shown(expected)}");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IReadOnlyList<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var at = 0;
        foreach (var item in expected)
        {
            if (at >= actual.Count) throw new Unmet($"{what} ends after {at} items");
            Equal(item, actual[at], $"item {at} of {what}");
            at++;
        }
        Equal(at, actual.Count, $"the number of items in {what}");
    }

    public static void That(bool holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        if (!holds) throw new Unmet($"it does not hold that {what}");
    }

    /// <summary>The exception of the given type that the task ends with.</summary>
    public static async Task<E> Fails<E>(string what, Task task) where E : Exception
    {
        try
        {
            await Waiting.Within($"the failure of {what}", task);
        }
        catch (E expected) when (expected is not Unmet)
        {
            return expected;
        }
        throw new Unmet($"{what} succeeded, expected {typeof(E).Name}");
    }

    private static string Shown<T>(T value) => value switch
    {
        null => "null",
        string { Length: > 300 } text => $"{Quoted(text[..300])}… ({text.Length} characters)",
        string text => Quoted(text),
        _ => value.ToString() ?? "",
    };

    // A report is read line by line, by programs, too.
    private static string Quoted(string text) =>
        $"\"{string.Concat(text.Select(one => char.IsControl(one) ? $"\\u{(int)one:x4}" : one.ToString()))}\"";
}
