using System.Runtime.CompilerServices;

namespace DataSsl.Tests;

/// <summary>Tests that call TorchSharp directly need what the product does before its first convolution.</summary>
internal static class OneDnn
{
    [ModuleInitializer]
    public static void Mend() => Torch.OneDnnCaches.Mend();
}
