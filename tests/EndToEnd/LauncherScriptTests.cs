namespace DataSsl.EndToEnd;

/// <summary>
/// The script <c>./datassl</c> of a checkout: when it builds, and what it says where it cannot. The SDK is a stand-in that writes a command
/// which tells where it was built.
/// </summary>
public sealed class LauncherScriptTests : IDisposable
{
    private const string Sdk = """
        #!/usr/bin/env bash
        case $1 in
          --version) echo 10.0.100 ;;
          --list-sdks) echo "10.0.100 [here]" ;;
          build)
            echo "$PWD" >>"$BUILDS"
            mkdir -p artifacts/bin/Cli/release artifacts/obj/Cli
            echo "{ \"projectPath\": \"$PWD/src/Cli/Cli.csproj\" }" >artifacts/obj/Cli/project.assets.json
            printf '#!/usr/bin/env bash\necho "built in %s: $*"\n' "$PWD" >artifacts/bin/Cli/release/datassl
            chmod +x artifacts/bin/Cli/release/datassl ;;
        esac

        """;

    private readonly string root = Directory.CreateTempSubdirectory("datassl-launcher-").FullName;
    private readonly string checkout = "";

    public LauncherScriptTests()
    {
        if (OperatingSystem.IsWindows()) return;
        checkout = Path.Combine(root, "it is mine");
        foreach (var folder in new[] { "src/Cli", "spaces", "eng" }) Directory.CreateDirectory(Path.Combine(checkout, folder));
        foreach (var script in new[] { "datassl", "eng/build.sh" })
            File.Copy(Path.Combine(EmitProgram.Root, script), Path.Combine(checkout, script));
        foreach (var file in new[] { "src/Cli/Program.cs", "Directory.Build.props", "global.json", ".editorconfig" })
            File.WriteAllText(Path.Combine(checkout, file), "");
        Directory.CreateDirectory(Path.Combine(root, "sdk"));
        File.WriteAllText(Path.Combine(root, "sdk", "dotnet"), Sdk);
        File.SetUnixFileMode(Path.Combine(root, "sdk", "dotnet"), (UnixFileMode)0b111_101_101);
    }

    [SkippableFact]
    public void It_builds_once_and_again_where_something_changed()
    {
        Skip.If(OperatingSystem.IsWindows(), "a script for a POSIX shell");
        Assert.Equal(
            $"built in {checkout}: train --out 'a b'\n".Replace("'", ""), Start(checkout, "train", "--out", "a b").Succeeded().Output);
        Start(checkout, "x").Succeeded();
        Assert.Single(Builds());
        File.SetLastWriteTimeUtc(Path.Combine(checkout, "src/Cli/Program.cs"), DateTime.UtcNow.AddSeconds(2));
        Start(checkout, "x").Succeeded();
        Assert.Equal(2, Builds().Length);
    }

    [SkippableTheory]
    [InlineData("mv", true)]
    [InlineData("cp -r", true)]
    [InlineData("cp -a", true)]
    [InlineData("cp -a", false)]
    public void A_moved_or_copied_checkout_is_built_anew(string command, bool noted)
    {
        Skip.If(OperatingSystem.IsWindows(), "a script for a POSIX shell");
        Start(checkout, "x").Succeeded();
        File.WriteAllText(Path.Combine(checkout, "artifacts/obj/Cli/stale"), "");
        // As where the SDK built it and not this script.
        if (!noted) Directory.Delete(Path.Combine(checkout, "artifacts/built"), recursive: true);
        var other = Path.Combine(root, "elsewhere");
        EmitProgram.Run("bash", "-c", $"{command} '{checkout}' '{other}'").Succeeded();
        var run = Start(other, "x").Succeeded();
        Assert.Equal($"built in {other}: x\n", run.Output);
        Assert.Contains("The checkout was moved or copied: building anew.", run.Error);
        Assert.False(File.Exists(Path.Combine(other, "artifacts/obj/Cli/stale")));
        Assert.Equal([checkout, other], Builds());
        Assert.DoesNotContain("moved", Start(other, "y").Succeeded().Error);
    }

    [SkippableFact]
    public void Where_it_may_not_write_it_says_so()
    {
        Skip.If(OperatingSystem.IsWindows(), "a script for a POSIX shell");
        // Whoever runs the tests may write anywhere but into a file that is no folder.
        File.WriteAllText(Path.Combine(checkout, "artifacts"), "");
        var run = Start(checkout, "x");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            $"{checkout}/artifacts: cannot be written to, and what is built there is missing or older than its sources; give write permission, or have the checkout's owner run this once.\n",
            run.Error);
        Assert.Empty(Builds());
    }

    private string[] Builds() => File.Exists(Path.Combine(root, "builds")) ? File.ReadAllLines(Path.Combine(root, "builds")) : [];

    private EmitProgram.Result Start(string at, params string[] arguments) =>
        EmitProgram.Run(
            "env", ["-u", "TorchBackend", $"PATH={root}/sdk:/usr/bin:/bin", $"BUILDS={root}/builds", $"{at}/datassl", .. arguments]);

    public void Dispose() => Directory.Delete(root, recursive: true);
}
