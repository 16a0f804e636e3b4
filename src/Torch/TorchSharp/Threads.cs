using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static unsafe string __version__ => Shim.Text(Shim.dsl_version());

    public static int get_num_threads() => Shim.dsl_get_threads();
    public static void set_num_threads(int num) => Shim.Check(Shim.dsl_set_threads(num));
    public static int get_num_interop_threads() => Shim.dsl_get_interop_threads();
    public static void set_num_interop_threads(int num) => Shim.Check(Shim.dsl_set_interop_threads(num));
}
