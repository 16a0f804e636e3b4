#if SYSTEM_LIBTORCH
using DataSsl.Torch.Native;

namespace DataSsl.Torch;

public static partial class LibtorchInfo
{
    /// <summary>The file that libtorch was loaded from.</summary>
    public static unsafe string Path => Shim.Text(Shim.dsl_library_path());

    /// <summary>libtorch's own account of how it was built: BLAS, oneDNN, instruction sets, CUDA.</summary>
    public static unsafe string Capabilities => Shim.Text(Shim.dsl_config());
}
#endif
