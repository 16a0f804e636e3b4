using System.IO.Compression;
using System.Reflection;

namespace DataSsl.Torch.Tests;

/// <summary>The build step, over the library as TorchSharp's package brings it: read from the archive, as nobody can have touched that.</summary>
public sealed class RelaxVersionTests
{
    private static readonly byte[] Original = Packed();

    [Fact]
    public void TheOneNeedBecomesWeakAndNothingElseChanges()
    {
        var file = Original.ToArray();

        Assert.Equal(1, RelaxVersion.Mark(file));

        var changed = Enumerable.Range(0, file.Length).Where(i => file[i] != Original[i]).ToList();
        var at = Assert.Single(changed);
        Assert.Equal(Original[at] | 2, file[at]);
        Assert.Equal(0, RelaxVersion.Mark(file));
    }

    [Fact]
    public void OtherFilesStayAsTheyAre()
    {
        var narrow = Original.ToArray();
        narrow[4] = 1;
        var bigEndian = Original.ToArray();
        bigEndian[5] = 2;
        foreach (var file in new[] { [], "\u007fELF"u8.ToArray(), new byte[4096], narrow, bigEndian, "MZ, a library of Windows, and so on and so on and so on and so on and so on"u8.ToArray() })
        {
            var before = file.ToArray();
            Assert.Equal(0, RelaxVersion.Mark(file));
            Assert.Equal(before, file);
        }
    }

    /// <summary>A program's file is a link to the package's where the file system has links.</summary>
    [Fact]
    public void AFileThatIsALinkIsReplacedAndTheOtherEndKept()
    {
        var folder = Directory.CreateTempSubdirectory("datassl-relax").FullName;
        try
        {
            var (package, program) = (Path.Combine(folder, "package.so"), Path.Combine(folder, "program.so"));
            File.WriteAllBytes(package, Original);
            var written = new DateTime(2026, 5, 7, 10, 3, 28, DateTimeKind.Utc);
            File.SetLastWriteTimeUtc(package, written);
            if (OperatingSystem.IsWindows()) File.Copy(package, program);
            else System.Diagnostics.Process.Start("ln", [package, program]).WaitForExit();
            Assert.True(Run(program));

            Assert.Equal(Original, File.ReadAllBytes(package));
            Assert.Equal(0, RelaxVersion.Mark(File.ReadAllBytes(program)));
            Assert.NotEqual(Original, File.ReadAllBytes(program));
            // The same date: a build that compares dates has nothing to copy again.
            Assert.Equal(written, File.GetLastWriteTimeUtc(program));
            Assert.Equal(["package.so", "program.so"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            if (!OperatingSystem.IsWindows()) Assert.Equal(File.GetUnixFileMode(package), File.GetUnixFileMode(program));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Run(string path) => new RelaxVersion { Files = [new Microsoft.Build.Utilities.TaskItem(path), new Microsoft.Build.Utilities.TaskItem(path + ".missing")] }.Execute();

    private static byte[] Packed()
    {
        var package = typeof(RelaxVersionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TorchSharpPackage").Value!;
        using var archive = ZipFile.OpenRead(Directory.GetFiles(package, "*.nupkg").Single());
        using var entry = archive.GetEntry("runtimes/linux-x64/native/libLibTorchSharp.so")!.Open();
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }
}
