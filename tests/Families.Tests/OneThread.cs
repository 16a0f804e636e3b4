using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>Tests run side by side, and their networks are small: threads of each would only wait for those of the others.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    public static void Set() => set_num_threads(1);
}
