// Passes TCP connections on to a server, and cuts them in the middle of what the client sends.
using System.Net;
using System.Net.Sockets;

namespace Hubbub.Interop;

public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ending = new();
    private readonly int upstream;
    private volatile bool armed;

    public CuttingProxy(int upstream)
    {
        this.upstream = upstream;
        listener.Start();
        _ = Accept();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    public int Cuts { get; private set; }
    public bool Armed => armed;

    /// <summary>The next piece that a client sends over a WebSocket arrives in part only; then its connection is reset.</summary>
    // Not what the server sends: this client joins half a message with what comes after the cut.
    public void CutSoon() => armed = true;

    private async Task Accept()
    {
        try
        {
            for (; ; ) _ = Carry(await listener.AcceptTcpClientAsync(ending.Token));
        }
        catch (Exception)
        {
            // It has ended.
        }
    }

    private async Task Carry(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, upstream, ending.Token);
            await Task.WhenAny(Upwards(near, far), near.GetStream().CanRead ? far.GetStream().CopyToAsync(near.GetStream(), ending.Token) : Task.CompletedTask);
        }
        catch (Exception)
        {
            // One of the two has gone.
        }
    }

    private async Task Upwards(TcpClient near, TcpClient far)
    {
        var buffer = new byte[64 * 1024];
        var upgraded = false;
        for (var pieces = 0; ; ++pieces)
        {
            var size = await near.GetStream().ReadAsync(buffer, ending.Token);
            if (size == 0) return;
            upgraded |= System.Text.Encoding.ASCII.GetString(buffer, 0, size).Contains("Upgrade: websocket", StringComparison.OrdinalIgnoreCase);
            // Not the upgrade itself, nor what follows at once: a client that cannot come back gives up.
            if (armed && upgraded && pieces > 10)
            {
                armed = false;
                await far.GetStream().WriteAsync(buffer.AsMemory(0, Random.Shared.Next(size)), ending.Token);
                Cuts += 1;
                near.Client.LingerState = far.Client.LingerState = new LingerOption(true, 0);
                return;
            }
            await far.GetStream().WriteAsync(buffer.AsMemory(0, size), ending.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
    }
}
