#if !SYSTEM_LIBTORCH
namespace DataSsl.Torch;

public static partial class LibtorchInfo
{
    /// <summary>The file that libtorch was loaded from.</summary>
    /// <exception cref="PlatformNotSupportedException">Always: the NuGet provider does not tell.</exception>
    public static string Path => throw Unknown(nameof(Path));

    /// <summary>libtorch's own account of how it was built.</summary>
    /// <exception cref="PlatformNotSupportedException">Always: the NuGet provider does not tell.</exception>
    public static string Capabilities => throw Unknown(nameof(Capabilities));

    private static PlatformNotSupportedException Unknown(string what) =>
        new($"{nameof(LibtorchInfo)}.{what} is known for the system's libtorch only; build with -p:TorchBackend=system.");
}
#endif
