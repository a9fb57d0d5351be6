// A hub protocol in bytes over a transport that carries text only.
namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineTextOnly()
    {
        It("is not tried, since the server says that the transport carries text only", async () =>
        {
            var client = Build();

            var refusal = await Check.Fails<Exception>("the start", client.Start());

            Check.That(refusal.ToString().Contains("transfer format", StringComparison.OrdinalIgnoreCase), refusal.ToString());
            Check.Equal(0, client.Closed.Count);
        });
    }
}
