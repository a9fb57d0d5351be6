// Streams in both directions: order, errors, cancellation by either side.
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineStreams()
    {
        It("streams 1000 items to the client in order", async () =>
        {
            var client = await Connect();

            Check.Sequence(Enumerable.Range(0, 1000), await Collected(client.Hub.StreamAsync<int>("Stream", 1000)));
            Check.Sequence([], await Collected(client.Hub.StreamAsync<int>("Stream", 0)));
        });

        It("streams into a channel", async () =>
        {
            var client = await Connect();

            var channel = await Waiting.Within("the channel", client.Hub.StreamAsChannelAsync<int>("Stream", 100));

            Check.Sequence(Enumerable.Range(0, 100), await Collected(channel.ReadAllAsync()));
            await Waiting.Within("the end of the channel", channel.Completion);
        });

        It("runs a call and a second stream beside a stream", async () =>
        {
            var client = await Connect();
            using var enough = new CancellationTokenSource();
            await using var slow = client.Hub.StreamAsync<int>("StreamSlow", 30_000, 1, enough.Token).GetAsyncEnumerator();
            Check.That(await Waiting.Within("the first item", slow.MoveNextAsync().AsTask()));

            Check.Equal("beside", await client.Call<string>("Echo", "beside"));
            Check.Sequence(Enumerable.Range(0, 10), await Collected(client.Hub.StreamAsync<int>("Stream", 10)));

            Check.That(await Waiting.Within("the second item", slow.MoveNextAsync().AsTask()));
            Check.Equal(1, slow.Current);
            enough.Cancel();
        });

        It("ends a stream by its error, after its items", async () =>
        {
            var client = await Connect();
            var got = new List<int>();

            var error = await Check.Fails<HubException>("StreamFail", Each(client.Hub.StreamAsync<int>("StreamFail", 3), got.Add));

            Check.Equal("An error occurred on the server while streaming results. HubException: stream failed", error.Message);
            Check.Sequence([0, 1, 2], got);
            Check.Equal("fine", await client.Call<string>("Echo", "fine"));
        });

        It("stops the producer of a stream that the client cancels", async () =>
        {
            var client = await Connect();
            using var enough = new CancellationTokenSource();

            Check.Equal(0, await client.Call<int>("CancelledStreams"));
            await Check.Fails<OperationCanceledException>("the stream", Each(client.Hub.StreamAsync<int>("StreamSlow", 30_000, 5, enough.Token), item =>
            {
                if (item == 2) enough.Cancel();
            }));

            await Waiting.Eventually("the producer stopped", async () => await client.Call<int>("CancelledStreams") == 1);
        });

        It("tells streams from plain methods", async () =>
        {
            var client = await Connect();

            Check.Equal("The client attempted to invoke the streaming 'Stream' method with a non-streaming invocation.", await client.Failure("Stream", 3));
            var plain = await Check.Fails<HubException>("Echo", Collected(client.Hub.StreamAsync<string>("Echo", "x")));
            Check.Equal("The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.", plain.Message);
            var missing = await Check.Fails<HubException>("NoSuch", Collected(client.Hub.StreamAsync<string>("NoSuch")));
            Check.Equal("Failed to invoke 'NoSuch' due to an error on the server. HubException: Method does not exist.", missing.Message);
        });

        It("takes a stream of 1000 items from the client", async () =>
        {
            var client = await Connect();

            Check.Equal(499_500, await client.Call<int>("Sum", Items(Enumerable.Range(0, 1000))));
            Check.Equal(0, await client.Call<int>("Sum", Items(Enumerable.Empty<int>())));
        });

        It("takes two streams of one client at the same time", async () =>
        {
            var client = await Connect();
            Channel<string> first = Channel.CreateUnbounded<string>(), second = Channel.CreateUnbounded<string>();
            await using var firstEchoes = client.Hub.StreamAsync<string>("EchoStream", first.Reader).GetAsyncEnumerator();
            await using var secondEchoes = client.Hub.StreamAsync<string>("EchoStream", second.Reader).GetAsyncEnumerator();

            foreach (var number in Numbered(5))
            {
                await first.Writer.WriteAsync($"first {number}");
                await second.Writer.WriteAsync($"second {number}");
                // Each item comes back before the next one is written: nobody waits for the end of the stream.
                Check.That(await Waiting.Within("an item of the first", firstEchoes.MoveNextAsync().AsTask()));
                Check.Equal($"first {number}", firstEchoes.Current);
                Check.That(await Waiting.Within("an item of the second", secondEchoes.MoveNextAsync().AsTask()));
                Check.Equal($"second {number}", secondEchoes.Current);
            }
            first.Writer.Complete();
            Check.That(!await Waiting.Within("the end of the first", firstEchoes.MoveNextAsync().AsTask()));

            await second.Writer.WriteAsync("still there");
            Check.That(await Waiting.Within("one more item", secondEchoes.MoveNextAsync().AsTask()));
            Check.Equal("still there", secondEchoes.Current);
            second.Writer.Complete();
            Check.That(!await Waiting.Within("the end of the second", secondEchoes.MoveNextAsync().AsTask()));
        });

        It("fails a call whose stream ends by an error of the client", async () =>
        {
            var client = await Connect();
            var source = Channel.CreateUnbounded<int>();
            source.Writer.TryWrite(1);
            source.Writer.Complete(new InvalidOperationException("the client gave up"));

            var error = await client.Failure("Sum", source.Reader);

            Check.That(error.StartsWith("An unexpected error occurred invoking 'Sum' on the server.", StringComparison.Ordinal), error);
            Check.Equal("fine", await client.Call<string>("Echo", "fine"));
        });

        It("refuses a stream the method does not take, and one too few", async () =>
        {
            var client = await Connect();

            Check.Equal("An unexpected error occurred invoking 'Echo' on the server. HubException: Client sent 1 stream(s), Hub method expects 0.",
                await client.Failure("Echo", "x", Items([1])));
            Check.Equal("An unexpected error occurred invoking 'Sum' on the server. HubException: Client sent 0 stream(s), Hub method expects 1.",
                await client.Failure("Sum"));
            Check.Equal("fine", await client.Call<string>("Echo", "fine"));
        });
    }

    private static async Task Each<T>(IAsyncEnumerable<T> items, Action<T> action)
    {
        await foreach (var item in items) action(item);
    }

    private static async Task<List<T>> Collected<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await Waiting.Within("the end of a stream", Each(items, all.Add));
        return all;
    }

    private static async IAsyncEnumerable<T> Items<T>(IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            yield return item;
            await Task.Yield();
        }
    }
}
