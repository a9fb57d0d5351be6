// The cases of one way to reach the server, and what they share: a server of their own, and clients that are gone after
// each case.
namespace Hubbub.Interop;

public sealed partial class Suite
{
    private const int CaseSeconds = 60;
    private const int LargestMessage = 2 * 1024 * 1024;
    private const string ClosedWithError = "The server closed the connection with the following error: Connection closed with an error.";

    private readonly int clientVersion;
    private readonly Way way;
    private readonly Report report;
    private readonly List<(string Name, Func<Task> Body, string? Skip)> cases = [];
    private readonly List<Client> opened = [];
    private Server server = null!;

    /// <summary>The suite of a major version of the client over one way: all that the two can do.</summary>
    public Suite(int clientVersion, Way way, Report report)
    {
        this.clientVersion = clientVersion;
        this.way = way;
        this.report = report;
        if (way.Protocol == Protocol.MessagePack && !Can(Capability.Binary))
        {
            DefineTextOnly();
            return;
        }
        DefineCalls();
        DefineSends();
        DefineStreams();
        DefineClientResults();
        DefineAuthentication();
        DefineLifetimes();
        DefineResumes();
    }

    /// <summary>Runs the cases whose name contains one of the words, or all.</summary>
    public async Task Run(string[] wanted)
    {
        var chosen = cases.Select(one => one with { Name = $"over {way.Name}: {one.Name}" })
            .Where(one => wanted.Length == 0 || wanted.Any(word => one.Name.Contains(word, StringComparison.OrdinalIgnoreCase))).ToList();
        if (chosen.Count == 0) return;
        server = await Server.Started();
        foreach (var (name, body, skip) in chosen)
        {
            if (skip is not null) report.Skipped(name, skip);
            else await RunCase(name, body);
        }
        await server.Kill();
    }

    private async Task RunCase(string name, Func<Task> body)
    {
        try
        {
            // A case that failed may have left the server stopped.
            if (!server.IsRunning) await server.Start();
            await Waiting.Within("the whole case", body(), CaseSeconds);
            await Waiting.Within("the clients to stop", DisposeClients());
            report.Passed(name);
        }
        catch (Exception why)
        {
            report.Failed(name, why);
            await Task.WhenAny(DisposeClients());
        }
    }

    private async Task DisposeClients()
    {
        var ended = opened.ToList();
        opened.Clear();
        await Task.WhenAll(ended.Select(client => client.DisposeAsync().AsTask()));
    }

    private bool Can(Capability capability) => capability.Has(clientVersion, way);

    private void It(string name, Func<Task> body) => cases.Add((name, body, null));

    /// <summary>What the specification asks of hubbub and the reference does not do.</summary>
    private void HubbubOnly(string name, Func<Task> body) =>
        cases.Add((name, body, Server.IsReference ? "hubbub differs from the reference here" : null));

    private Client Build(ClientOptions? options = null)
    {
        var client = Client.Built(server.Url, way, options ?? new ClientOptions());
        opened.Add(client);
        return client;
    }

    private async Task<Client> Connect(ClientOptions? options = null)
    {
        var client = Build(options);
        await client.Start();
        return client;
    }

    private Task<Client> ConnectAs(string user) => Connect(new ClientOptions { Query = $"?user={Uri.EscapeDataString(user)}" });

    private static IEnumerable<string> Numbered(int count) => Enumerable.Range(0, count).Select(number => number.ToString());
}
