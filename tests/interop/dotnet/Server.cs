// Starts the server under test as a child process on a free loopback port, restarts it there, and stops it.
//
//   HUBBUB_SERVER     command line of the server (default: build/release/bin/conformance_server of this repository)
//   HUBBUB_REFERENCE  set to 1 when that server is ASP.NET Core: what hubbub does differently on purpose is then left out
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Hubbub.Interop;

public sealed class Server
{
    public const string Node = "interop-node";
    public const string TokenKey = "a key of the tests, long enough for HS256";

    private const int TerminateSignal = 15;
    private static readonly HashSet<Process> Running = [];

    private readonly StringBuilder output = new();
    private Process? process;

    public static bool IsReference => Environment.GetEnvironmentVariable("HUBBUB_REFERENCE") == "1";

    public bool IsRunning => process is { HasExited: false };
    public int Port { get; private set; }
    public string Url => $"http://127.0.0.1:{Port}";

    public static async Task<Server> Started()
    {
        var server = new Server { Port = FreePort() };
        await server.Start();
        return server;
    }

    public async Task Start()
    {
        var words = Command();
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HUBBUB_PORT"] = Port.ToString();
        start.Environment["HUBBUB_NODE"] = Node;
        start.Environment["HUBBUB_JWT_KEY"] = TokenKey;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        var started = process = Process.Start(start) ?? throw new Unmet($"{words[0]} did not start");
        lock (Running) Running.Add(started);
        started.OutputDataReceived += (_, line) => Keep(line.Data);
        started.ErrorDataReceived += (_, line) => Keep(line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        await Waiting.Eventually("the server accepts connections", async () =>
        {
            if (started.HasExited) throw new Unmet($"the server ended while starting, with {started.ExitCode}: {Output}");
            return await AcceptsConnections();
        }, 60);
    }

    /// <summary>Asks the server to stop; returns its exit status when it is gone.</summary>
    public async Task<int> Stop()
    {
        if (SendSignal(process!.Id, TerminateSignal) != 0) throw new Unmet("SIGTERM could not be sent");
        return await Gone();
    }

    /// <summary>Ends the server without its consent.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await Gone();
    }

    /// <summary>No child outlives this program, however it ends.</summary>
    public static void KillAll()
    {
        lock (Running)
        {
            foreach (var child in Running) child.Kill();
            Running.Clear();
        }
    }

    private async Task<int> Gone()
    {
        var ended = process!;
        await Waiting.Within("the server to end", ended.WaitForExitAsync(), 15);
        lock (Running) Running.Remove(ended);
        return ended.ExitCode;
    }

    /// <summary>What the server has written so far.</summary>
    public string Output
    {
        get { lock (output) return output.ToString(); }
    }

    private void Keep(string? line)
    {
        lock (output) output.AppendLine(line);
    }

    private static string[] Command()
    {
        if (Environment.GetEnvironmentVariable("HUBBUB_SERVER") is { Length: > 0 } given) return given.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../release/bin/conformance_server"));
        if (!File.Exists(program)) throw new Unmet($"no server to test: {program} does not exist (build it, or name a command in HUBBUB_SERVER)");
        return [program];
    }

    private async Task<bool> AcceptsConnections()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Below the range from which the kernel takes the ports of outgoing connections, so that no client can be sitting on
    // it while the server is away. The program cannot be given port 0: it has to come back on the same one.
    private static int FreePort()
    {
        for (; ; )
        {
            var port = Random.Shared.Next(20000, 32000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
