using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests;

/// <summary>The small real image sets that may lie beside a checkout, in <c>../shared/data</c>.</summary>
internal static class SharedData
{
    /// <summary>Opens one of them; skips the test where it is missing.</summary>
    public static ImageFiles Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", name);
            if (Directory.Exists(candidate)) return ImageFolder.Open(candidate);
        }
        Skip.If(true, $"the image set '{name}' is not here");
        throw new InvalidOperationException();
    }
}
