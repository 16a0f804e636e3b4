using System.Text;
using DataSsl.Cli;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Spaces;

namespace DataSsl.EndToEnd;

/// <summary>Mistakes on the command line of <c>train</c>: one line, exit code 2, nothing left behind.</summary>
[Collection(nameof(Console))]
public sealed class TrainMistakeTests : IDisposable
{
    private readonly TrainFolder folder = new();

    [SkippableTheory]
    [InlineData("--space", "Smal32", "unknown space")]
    [InlineData("--size", "7", "too small")]
    [InlineData("--size", "-1", "--size")]
    [InlineData("--batch", "17", "--batch")]
    [InlineData("--batch", "0", "--batch")]
    [InlineData("--batch", "1", "--batch")]
    [InlineData("--batch", "-4", "--batch")]
    [InlineData("--batch", "x", "--batch")]
    [InlineData("--epochs", "0", "--epochs")]
    [InlineData("--epochs", "-1", "--epochs")]
    [InlineData("--queue", "6", "--queue")]
    [InlineData("--queue", "0", "--queue")]
    [InlineData("--queue", "-4", "--queue")]
    [InlineData("--hidden", "0", "--hidden")]
    [InlineData("--threads", "0", "--threads")]
    [InlineData("--threads", "-2", "--threads")]
    [InlineData("--rate", "0", "--rate")]
    [InlineData("--rate", "-0.1", "--rate")]
    [InlineData("--rate", "NaN", "--rate")]
    [InlineData("--rate", "Infinity", "--rate")]
    [InlineData("--temperature", "NaN", "--temperature")]
    [InlineData("--temperature", "0", "--temperature")]
    [InlineData("--teacher-momentum", "1", "--teacher-momentum")]
    [InlineData("--teacher-momentum", "-0.5", "--teacher-momentum")]
    [InlineData("--teacher-momentum", "NaN", "--teacher-momentum")]
    [InlineData("--weight-decay", "-1", "--weight-decay")]
    [InlineData("--weight-decay", "NaN", "--weight-decay")]
    [InlineData("--save-every", "-1", "--save-every")]
    [InlineData("--save-every", "NaN", "--save-every")]
    [InlineData("--save-every", "1e300", "--save-every")]
    [InlineData("--report-every", "-1", "--report-every")]
    [InlineData("--compute", "float16", "--compute")]
    [InlineData("--rule", "7", "--rule")]
    [InlineData("--teacher-architecture", "other", "--teacher-architecture")]
    [InlineData("--rule", "Other", "--rule")]
    [InlineData("--device", "gpu", "--device")]
    [InlineData("--max-megapixels", "0", "--max-megapixels")]
    [InlineData("--max-megapixels", "701", "--max-megapixels")]
    public void An_impossible_option_is_named_and_nothing_is_made(string option, string value, string word)
    {
        var given = folder.Train("run").ToList();
        if (given.IndexOf(option) is >= 0 and var place) given.RemoveRange(place, 2);
        Refused(word, [.. given, $"{option}={value}"]);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [SkippableFact]
    public void A_missing_or_empty_folder_of_images_is_named()
    {
        Refused("does not exist", Replaced("--data", folder["nowhere"]));
        Refused("holds no", Replaced("--data", Directory.CreateDirectory(folder["empty"]).FullName));
        Assert.False(Directory.Exists(folder["run"]));
    }

    [SkippableFact]
    public void A_missing_option_is_named()
    {
        foreach (var option in new[] { "--space", "--data", "--out" })
        {
            var given = folder.Train("run").ToList();
            given.RemoveRange(given.IndexOf(option), 2);
            Refused(option, [.. given]);
        }
    }

    [SkippableFact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(folder["file"], "");
        Refused("cannot write", Replaced("--out", Path.Combine(folder["file"], "run")));
        Refused("cannot write", Replaced("--out", folder["file"]));
    }

    [SkippableFact]
    public void A_test_folder_is_checked_before_training()
    {
        Refused("does not exist", folder.Train("run", "--test", folder["nowhere"]));
        Directory.CreateDirectory(folder["other"]);
        Directory.Move(Path.Combine(new TrainFolder().Images, "a"), Path.Combine(folder["other"], "c"));
        Refused("class", folder.Train("run", "--test", folder["other"]));
        Assert.False(File.Exists(Path.Combine(folder["run"], CheckpointFolder.NewestFile)));
    }

    [SkippableFact]
    public void A_file_that_is_no_image_is_named_skipped_and_counted()
    {
        File.WriteAllText(Path.Combine(folder.Images, "a", "notes.jpg"), "not an image");
        var (exitCode, error) = Captured.Run(folder.Train("run", "--epochs", "1"));
        Assert.True(exitCode == 0, error);
        Assert.Contains("notes.jpg", error);
        Assert.Contains("1 unreadable skipped", error);
    }

    [SkippableFact]
    public void An_image_above_the_limit_is_left_out_and_a_run_goes_on_with_the_images_that_it_began_with()
    {
        ImageFile.Save(Path.Combine(folder.Images, "a", "large.png"), new(1001, 1000, new byte[3 * 1001 * 1000]));
        var (exitCode, error) = Captured.Run(folder.Train("run", "--epochs", "1", "--max-megapixels", "1"));
        Assert.True(exitCode == 0, error);
        Assert.Contains("large.png': 1001 x 1000 pixels, more than the 1,000,000 that are allowed", error);
        Assert.Contains("1 unreadable skipped", error);
        Refused("--max-megapixels", "train", "--resume", "--out", folder["run"]);
        Assert.Equal(0, Captured.Run(["train", "--resume", "--out", folder["run"], "--max-megapixels", "1"]).ExitCode);
    }

    [SkippableFact]
    public void A_finished_run_is_not_begun_again_by_mistake_nor_continued_as_another()
    {
        Assert.Equal(0, Captured.Run(folder.Train("run", "--epochs", "1")).ExitCode);
        Refused("--resume", folder.Train("run"));
        Refused("Small32", "train", "--resume", "--space", "Demo", "--out", folder["run"]);
        Refused("no run to resume", "train", "--resume", "--out", folder["nothing"]);
        Assert.False(Directory.Exists(folder["nothing"]));

        var options = Path.Combine(folder["run"], Trainer.OptionsFile);
        var text = File.ReadAllText(options);
        File.WriteAllText(options, text.Replace("\"temperature\": 0.2", "\"temperature\": 0.3", StringComparison.Ordinal));
        Refused("seal", "train", "--resume", "--out", folder["run"]);
        var whole = Encoding.UTF8.GetString(SealedJson.Remove(Encoding.UTF8.GetBytes(text.TrimEnd('\n')))!);
        SealedJson.Write(options, whole.Replace("\"temperature\": 0.2", "\"temperature\": 0.3", StringComparison.Ordinal));
        Refused("other settings", "train", "--resume", "--out", folder["run"]);
        File.WriteAllText(options, text[..50]);
        Refused(Trainer.OptionsFile, "train", "--resume", "--out", folder["run"]);
        File.WriteAllText(options, text);

        File.Copy(Path.Combine(folder.Images, "a", "00.png"), Path.Combine(folder.Images, "a", "more.png"));
        Refused("not the images", "train", "--resume", "--out", folder["run"]);
        File.Delete(Path.Combine(folder.Images, "a", "more.png"));

        var checkpoint = Path.Combine(folder["run"], CheckpointFolder.NewestFile);
        File.WriteAllBytes(checkpoint, File.ReadAllBytes(checkpoint)[..5000]);
        Refused(CheckpointFolder.NewestFile, "train", "--resume", "--out", folder["run"]);
    }

    /// <summary>Decay of one at a rate of a thousand multiplies the weights by -999 a step, whatever BatchNorm evens out.</summary>
    [SkippableFact]
    public void Divergence_ends_with_exit_code_1_and_the_mend()
    {
        var (exitCode, error) = Captured.Run(
            folder.Train("run", "--epochs", "50", "--rate", "1000", "--optimizer", "sgd", "--weight-decay", "1", "--save-every", "0"));
        Assert.True(exitCode == 1, error);
        Assert.Contains("lower --rate", error);
        Assert.DoesNotContain("   at ", error);
    }

    public void Dispose() => folder.Dispose();

    private string[] Replaced(string option, string value)
    {
        var given = folder.Train("run");
        given[Array.IndexOf(given, option) + 1] = value;
        return given;
    }

    private static void Refused(string word, params string[] arguments)
    {
        var (exitCode, error) = Captured.Run(arguments);
        Assert.True(exitCode == 2, $"exit code {exitCode}: {error}");
        Assert.Contains(word, error);
        Assert.StartsWith("datassl: ", error.TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain("   at ", error);
    }

    /// <summary>The command in this process, its error stream caught.</summary>
    private static class Captured
    {
        public static (int ExitCode, string Error) Run(string[] arguments)
        {
            var (output, error) = (Console.Out, Console.Error);
            using var caught = new StringWriter();
            Console.SetError(caught);
            Console.SetOut(TextWriter.Null);
            try
            {
                var exitCode = DataSslCli.Run(arguments, CompiledSpaces.All);
                return (exitCode, caught.ToString());
            }
            finally
            {
                Console.SetError(error);
                Console.SetOut(output);
            }
        }
    }
}
