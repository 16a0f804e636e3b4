using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>OpenCV as it is beside the program: it needs no window system and keeps its words to itself.</summary>
public partial class OpenCvTests
{
    [SkippableFact]
    public void No_window_system_is_loaded()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the copy without GTK is Linux's");
        _ = Pictures.Decoded(Pictures.Encoded(Pictures.Waves(9, 9)));
        var loaded = File.ReadAllText("/proc/self/maps");
        Assert.Contains("libOpenCvSharpExtern.so", loaded);
        foreach (var library in new[] { "libgtk", "libgdk", "libX11", "libcairo" }) Assert.DoesNotContain(library, loaded);
    }

    /// <summary>libjpeg and libpng write to the process's error output themselves, past OpenCV's log.</summary>
    [SkippableFact]
    public void Nothing_of_a_broken_file_reaches_the_error_output()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "on other systems libjpeg and libpng speak for themselves");
        using var folder = new TemporaryFolder();
        var (jpeg, png) = (Pictures.Encoded(Pictures.Waves(120, 90), jpeg: true), Pictures.Encoded(Pictures.Waves(120, 90)));
        new byte[] { 0xFF, 0xD9 }.CopyTo(jpeg, jpeg.Length / 2);
        png[png.Length / 2] ^= 0x55;
        var tiff = Pictures.Encoded(Pictures.Waves(120, 90), ".tif")[..^2000];
        using (var file = File.OpenHandle(folder["errors"], FileMode.Create, FileAccess.Write))
        {
            var before = dup(2);
            _ = dup2((int)file.DangerousGetHandle(), 2);
            try
            {
                foreach (var broken in new[] { jpeg, png, tiff }) Assert.Throws<InvalidDataException>(() => Pictures.Decoded(broken));
            }
            finally
            {
                _ = dup2(before, 2);
                _ = close(before);
            }
        }
        // What other tests said meanwhile may be there.
        var said = File.ReadAllText(folder["errors"]);
        foreach (var word in new[] { "JPEG", "libpng", "TIFF", "imdecode" }) Assert.DoesNotContain(word, said);
    }

    [LibraryImport("libc")]
    private static partial int dup(int file);

    [LibraryImport("libc")]
    private static partial int dup2(int file, int place);

    [LibraryImport("libc")]
    private static partial int close(int file);
}
