using DataSsl.Bench;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>
/// The peers of <c>bench step</c>: <c>step FORM …</c>, the form <c>best</c>, <c>static</c> or <c>released</c>. A line names architectures;
/// the work is one step on them.
/// </summary>
internal static class StepPeer
{
    public static int Run(string[] words)
    {
        var settings = StepSettings.Parse(words[1..]);
        set_num_threads(settings.Threads);
        var step = Create(words[0], settings, out _);
        return WorkLoop.Run(line =>
        {
            var architectures = line.Split(' ').Select(Architecture.Parse).ToList();
            step.Prepare(architectures);
            Wait();
            return () =>
            {
                foreach (var loss in step.Run(architectures)) loss.Dispose();
                Wait();
            };
        });

        void Wait()
        {
            if (settings.Device.type == DeviceType.CUDA) cuda.synchronize(settings.Device);
        }
    }

    public static IStep Create(string form, StepSettings settings, out MoCo moco)
    {
        moco = new(settings, form == "released" ? Style.Released : Style.Best(settings.Compute));
        return form switch
        {
            "best" => new BestStep(moco),
            "static" => new StaticStep(moco, settings.Largest),
            "released" => new ReleasedStep(moco),
            _ => throw new ArgumentException($"{form}: no form of the step", nameof(form)),
        };
    }
}
