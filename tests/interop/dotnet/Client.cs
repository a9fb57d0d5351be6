// A started connection of Microsoft's client whose events are queues.
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Hubbub.Interop;

public sealed record ClientOptions
{
    public string Hub { get; init; } = "/test";
    public string Query { get; init; } = "";
    public bool Reconnect { get; init; }
    public bool Stateful { get; init; }
    public Func<Task<string?>>? Token { get; init; }
    public Func<int, Task<int>>? Answer { get; init; }
    public TimeSpan? ServerTimeout { get; init; }
}

public sealed class Client : IAsyncDisposable
{
    private Client(HubConnection hub)
    {
        Hub = hub;
        hub.On<string>("Receive", Received.Add);
        hub.Reconnecting += error => { Reconnecting.Add(error); return Task.CompletedTask; };
        hub.Reconnected += id => { Reconnected.Add(id); return Task.CompletedTask; };
        hub.Closed += error => { Closed.Add(error); return Task.CompletedTask; };
    }

    public HubConnection Hub { get; }
    public Inbox<string> Received { get; } = new("Receive");
    public Inbox<Exception?> Reconnecting { get; } = new("Reconnecting");
    public Inbox<string?> Reconnected { get; } = new("Reconnected");
    public Inbox<Exception?> Closed { get; } = new("Closed");

    /// <summary>A client that is not started yet.</summary>
    public static Client Built(string serverUrl, Way way, ClientOptions options)
    {
        var builder = new HubConnectionBuilder().WithUrl($"{serverUrl}{options.Hub}{options.Query}", way.Transport, http =>
        {
            http.SkipNegotiation = way.SkipNegotiation;
            http.AccessTokenProvider = options.Token;
        });
        if (way.Protocol == Protocol.MessagePack) builder.AddMessagePackProtocol();
        if (options.Reconnect) builder.WithAutomaticReconnect([.. Enumerable.Repeat(TimeSpan.FromMilliseconds(50), 400)]);
#if STATEFUL_RECONNECT
        if (options.Stateful) builder.WithStatefulReconnect();
#else
        if (options.Stateful) throw new NotSupportedException("this version of the client has no stateful reconnect");
#endif
        var client = new Client(builder.Build());
        if (options.ServerTimeout is { } timeout) client.Hub.ServerTimeout = timeout;
#if CLIENT_RESULTS
        if (options.Answer is { } answer) client.Hub.On<int, int>("Answer", answer);
#else
        if (options.Answer is not null) throw new NotSupportedException("this version of the client has no handlers with results");
#endif
        return client;
    }

    public Task Start() => Waiting.Within("the client to start", Hub.StartAsync());
    public Task Stop() => Waiting.Within("the client to stop", Hub.StopAsync());

    public Task<T> Call<T>(string method, params object?[] arguments) =>
        Waiting.Within($"the answer to {method}", Hub.InvokeCoreAsync<T>(method, arguments));

    public Task Call(string method, params object?[] arguments) =>
        Waiting.Within($"the answer to {method}", Hub.InvokeCoreAsync(method, arguments));

    public Task Send(string method, params object?[] arguments) =>
        Waiting.Within($"{method} to be sent", Hub.SendCoreAsync(method, arguments));

    /// <summary>The error text a call is answered with.</summary>
    public async Task<string> Failure(string method, params object?[] arguments) =>
        (await Check.Fails<Microsoft.AspNetCore.SignalR.HubException>(method, Hub.InvokeCoreAsync<object?>(method, arguments))).Message;

    /// <summary>Nothing overtakes on the server, but the client runs its handlers beside answers: only a message marks the end of messages.</summary>
    public async Task ReceivedNothingMore()
    {
        await Call("Notify", "barrier");
        Check.Equal("barrier", await Received.Next());
        Check.Equal(0, Received.Count);
    }

    public async ValueTask DisposeAsync() => await Hub.DisposeAsync();
}
