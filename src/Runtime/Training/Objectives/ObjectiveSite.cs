using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>What an objective is made for.</summary>
/// <param name="Heads">The student's.</param>
/// <param name="Views">The views of a step.</param>
/// <param name="Deal">What of a batch this process computes.</param>
/// <param name="Device">Where.</param>
/// <param name="Seed">Of whatever starts at random.</param>
public sealed record ObjectiveSite(NetworkHeads Heads, ViewPlan Views, BatchDeal Deal, Device Device, long Seed);
