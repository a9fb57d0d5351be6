// Calls and their answers: values, errors, order, size.
using System.Diagnostics;
using System.Runtime.Serialization;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubbub.Interop;

/// <summary>In JSON the client makes the names' first letters small; in MessagePack it takes them as they are given here.</summary>
[DataContract]
public sealed class Sample
{
    [DataMember(Name = "name")] public string? Name { get; set; }
    [DataMember(Name = "count")] public long Count { get; set; }
    [DataMember(Name = "ratio")] public double Ratio { get; set; }
    [DataMember(Name = "flag")] public bool Flag { get; set; }
    [DataMember(Name = "note")] public string? Note { get; set; }
    [DataMember(Name = "items")] public int[]? Items { get; set; }
    [DataMember(Name = "labels")] public Dictionary<string, string>? Labels { get; set; }
}

public sealed partial class Suite
{
    private void DefineCalls()
    {
        It("returns values of every kind", async () =>
        {
            var client = await Connect();

            Check.Equal("hello", await client.Call<string>("Echo", "hello"));
            Check.Equal("", await client.Call<string>("Echo", ""));
            Check.Equal(null, await client.Call<string?>("Echo", [null]));
            Check.Equal(42, await client.Call<int>("AddNumbers", 40, 2));
            Check.Equal(int.MinValue, await client.Call<int>("AddNumbers", int.MinValue, 0));
            Check.Sequence<byte>([0, 1, 2, 255], await client.Call<byte[]>("EchoBytes", new byte[] { 0, 1, 2, 255 }));
            Check.Equal(0, (await client.Call<byte[]>("EchoBytes", Array.Empty<byte>())).Length);
        });

        It("returns a record as it was given", async () =>
        {
            var client = await Connect();
            var given = new Sample
            {
                Name = "Grüße", Count = long.MaxValue, Ratio = -0.1, Flag = true, Note = null, Items = [1, -2, int.MaxValue],
                Labels = new() { ["a"] = "b", ["c d"] = "", ["Ω"] = "x" },
            };

            var got = await client.Call<Sample>("EchoRecord", given);

            Check.Equal(given.Name, got.Name);
            Check.Equal(given.Count, got.Count);
            Check.Equal(given.Ratio, got.Ratio);
            Check.That(got.Flag);
            Check.Equal(null, got.Note);
            Check.Sequence(given.Items, got.Items!);
            Check.Sequence(given.Labels.OrderBy(label => label.Key, StringComparer.Ordinal), [.. got.Labels!.OrderBy(label => label.Key, StringComparer.Ordinal)]);
        });

        It("fills missing fields of a record with zero values and ignores unknown ones", async () =>
        {
            var client = await Connect();

            var got = await client.Call<Sample>("EchoRecord", new { name = "only this", unknown = new { deep = new[] { 1 } } });

            Check.Equal("only this", got.Name);
            Check.Equal(0L, got.Count);
            Check.Equal(0.0, got.Ratio);
            Check.That(!got.Flag);
            Check.Equal(null, got.Note);
            Check.Equal(0, got.Items!.Length);
            Check.Equal(0, got.Labels!.Count);
        });

        It("answers a method without a result, whether one is asked for or not", async () =>
        {
            var client = await Connect();

            await client.Call("Nothing");
            Check.Equal(null, await client.Call<string?>("Nothing"));
            await client.Call("Echo", "a result nobody asked for");
            Check.Equal("fine", await client.Call<string>("Echo", "fine"));
        });

        It("finds methods without regard to letter case", async () =>
        {
            var client = await Connect();

            Check.Equal(3, await client.Call<int>("addnumbers", 1, 2));
            Check.Equal("x", await client.Call<string>("ECHO", "x"));
        });

        It("carries unicode", async () =>
        {
            var client = await Connect();
            const string text = "plain, ümläut, Ωμέγα, 漢字, 👩‍👩‍👧, \"quoted\" \\ \u0000\u0007\u001e\u2028 \t\r\n </script>";

            Check.Equal(text, await client.Call<string>("Echo", text));
            await client.Call("Notify", text);

            Check.Equal(text, await client.Received.Next());
        });

        It("reports errors in the words of the reference, and goes on", async () =>
        {
            var client = await Connect();

            Check.Equal("An unexpected error occurred invoking 'Fail' on the server. HubException: no luck", await client.Failure("Fail", "no luck"));
            Check.Equal("An unexpected error occurred invoking 'Crash' on the server.", await client.Failure("Crash"));
            Check.Equal("An unexpected error occurred invoking 'Fail' on the server. HubException: x", await client.Failure("fAIL", "x"));
            Check.Equal("Failed to invoke 'NoSuch' due to an error on the server. HubException: Method does not exist.", await client.Failure("NoSuch", 1));
            object?[][] wrong = [[1], [1, 2, 3], ["one", 2], [1.5, 2], [2147483648L, 2], [null, 2], []];
            foreach (var arguments in wrong)
            {
                Check.Equal("Failed to invoke 'AddNumbers' due to an error on the server.", await client.Failure("AddNumbers", arguments));
            }
            Check.Equal("Failed to invoke 'AdminOnly' because user is unauthorized", await client.Failure("AdminOnly"));
            Check.Equal("fine", await client.Call<string>("Echo", "fine"));
            Check.Equal(0, client.Closed.Count);
        });

        HubbubOnly(Can(Capability.Traces) ? "sends the trace it is part of, which stands in the log of a call that fails" : "sends no trace", async () =>
        {
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Microsoft.AspNetCore.SignalR.Client",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(listener);
            var client = await Connect();
            using var around = new Activity("the test").SetIdFormat(ActivityIdFormat.W3C).Start();

            Check.Equal("An unexpected error occurred invoking 'Crash' on the server.", await client.Failure("Crash"));

            var traced = () => Task.FromResult(server.Output.Contains($"trace {around.TraceId}"));
            if (Can(Capability.Traces)) await Waiting.Eventually("the trace in the server's log", traced);
            else Check.Equal(false, await traced());
        });

        It("runs the calls of one client one after another", async () =>
        {
            var client = await Connect();

            // The client hands out its answers in no order, so the time has to tell: it can only be longer than what is asked for.
            var begun = Stopwatch.StartNew();
            var slow = client.Call<int>("Delay", 300);
            var quick = client.Call<int>("Delay", 1);
            Check.Equal(1, await quick);
            var waited = begun.ElapsedMilliseconds;

            Check.That(waited >= 300, $"the second call waits for the first, but had its answer after {waited} ms");
            Check.Equal(300, await slow);
        });

        It("answers each of 1000 calls under way at once with its own result", async () =>
        {
            var client = await Connect();

            var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => client.Call<int>("AddNumbers", number, 1)));

            Check.Sequence(Enumerable.Range(1, 1000), answers);
        });

        It("carries a message of 1 MiB there and back", async () =>
        {
            var client = await Connect();
            var text = string.Concat(Enumerable.Repeat("abcdefgh", 1024 * 1024 / 8));

            Check.Equal(text, await client.Call<string>("Echo", text));
        });

        It("ends only the client whose message is above the limit", async () =>
        {
            var big = await Connect();
            var other = await Connect();
            const int roomForTheRest = 128;  // the client writes a rest around the argument; the wire tests are exact
            var largest = new string('x', LargestMessage - roomForTheRest);

            Check.Equal(largest, await big.Call<string>("Echo", largest));
            var refused = big.Hub.InvokeCoreAsync<string>("Echo", [new string('x', LargestMessage)]);

            Check.Equal(ClosedWithError, (await big.Closed.Next())?.Message);
            await Check.Fails<Exception>("the call", refused);
            Check.Equal("unharmed", await other.Call<string>("Echo", "unharmed"));
            Check.Equal(0, other.Closed.Count);
        });
    }
}
