// The methods of docs/spec/conformance-hub.md.
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace Hubbub.Reference;

public sealed class TestHub(IHubContext<TestHub, IReceiver> everybody) : ConformanceHub<TestHub>(everybody);

public sealed class BenchHub(IHubContext<BenchHub, IReceiver> everybody) : ConformanceHub<BenchHub>(everybody);

/// <summary>What the hub calls at its clients.</summary>
public interface IReceiver
{
    Task Receive(string payload);
    Task<int> Answer(int x);
}

/// <summary>Members have small letters, which MessagePack takes as they are.</summary>
public sealed class Record
{
#pragma warning disable IDE1006
    public string name { get; set; } = "";
    public long count { get; set; }
    public double ratio { get; set; }
    public bool flag { get; set; }
    public string? note { get; set; }
    public int[] items { get; set; } = [];
    public Dictionary<string, string> labels { get; set; } = [];
#pragma warning restore IDE1006
}

/// <summary>Anybody is who the query says: for tests only.</summary>
public sealed class UserOfTheQuery : IUserIdProvider
{
    public string? GetUserId(HubConnectionContext connection) =>
        connection.GetHttpContext()?.Request.Query["user"].ToString() is { Length: > 0 } user ? user : null;
}

public abstract class ConformanceHub<THub>(IHubContext<THub, IReceiver> everybody) : Hub<IReceiver> where THub : Hub<IReceiver>
{
    private static readonly string node = Environment.GetEnvironmentVariable("HUBBUB_NODE") ?? "n1";

    /// <summary>How many streams of a connection its client has cancelled.</summary>
    private sealed class Cancellations
    {
        public int Count;
    }

    public override Task OnConnectedAsync()
    {
        Context.Items[typeof(Cancellations)] = new Cancellations();
        return Task.CompletedTask;
    }

    private Cancellations OfThisConnection => (Cancellations)Context.Items[typeof(Cancellations)]!;

    public string? Echo(string? text) => text;
    public byte[] EchoBytes(byte[] bytes) => bytes;
    public Record EchoRecord(Record record) => record;
    public int AddNumbers(int left, int right) => unchecked(left + right);
    public void Nothing() { }
    public void Fail(string message) => throw new HubException(message);
    public void Crash() => throw new InvalidOperationException("secret-7f3a");
    public string NodeName() => node;
    public string? UserId() => Context.UserIdentifier;
    public string ConnectionId() => Context.ConnectionId;
    public void Abort() => Context.Abort();
    public int CancelledStreams() => Volatile.Read(ref OfThisConnection.Count);

    [Authorize(Roles = "admin")]
    public string AdminOnly() => "granted";

    public async Task<int> Delay(int milliseconds)
    {
        await Task.Delay(milliseconds, Context.ConnectionAborted);
        return milliseconds;
    }

    public Task Notify(string payload) => Clients.Caller.Receive(payload);
    public Task Broadcast(string payload) => Clients.All.Receive(payload);
    public Task SendOthers(string payload) => Clients.Others.Receive(payload);
    public Task SendGroup(string group, string payload) => Clients.Group(group).Receive(payload);
    public Task SendUser(string user, string payload) => Clients.User(user).Receive(payload);
    public Task SendConnection(string connectionId, string payload) => Clients.Client(connectionId).Receive(payload);
    public Task Join(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);
    public Task Leave(string group) => Groups.RemoveFromGroupAsync(Context.ConnectionId, group);

    public async Task<int> Burst(int count)
    {
        for (var number = 0; number < count; number++) await Clients.Caller.Receive($"{number}");
        return count;
    }

    // From within a method only the caller may be asked through Clients; others are asked through the hub's context.
    public async Task<int> AskClient(string connectionId, int x, int milliseconds)
    {
        var asked = connectionId == Context.ConnectionId ? Clients.Caller : everybody.Clients.Client(connectionId);
        return await asked.Answer(x).WaitAsync(TimeSpan.FromMilliseconds(milliseconds), Context.ConnectionAborted);
    }

    public IAsyncEnumerable<int> Stream(int count, CancellationToken cancellation) => Count(count, 0, OfThisConnection, cancellation);

    public IAsyncEnumerable<int> StreamSlow(int count, int milliseconds, CancellationToken cancellation) =>
        Count(count, milliseconds, OfThisConnection, cancellation);

    public async IAsyncEnumerable<int> StreamFail(int count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var number in Count(count, 0, OfThisConnection, cancellation)) yield return number;
        throw new HubException("stream failed");
    }

    public async Task<int> Sum(IAsyncEnumerable<int> numbers)
    {
        var sum = 0;
        await foreach (var number in numbers) sum = unchecked(sum + number);
        return sum;
    }

    public async IAsyncEnumerable<string> EchoStream(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var text in texts.WithCancellation(cancellation)) yield return text;
    }

    private static async IAsyncEnumerable<int> Count(int count, int milliseconds, Cancellations cancellations, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var noted = cancellation.Register(() => Interlocked.Increment(ref cancellations.Count));
        for (var number = 0; number < count; number++)
        {
            if (milliseconds > 0) await Task.Delay(milliseconds, cancellation);
            yield return number;
        }
    }
}
