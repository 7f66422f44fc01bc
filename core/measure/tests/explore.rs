//! x
use kith_measure::policy_value::*;use kith_measure::simulated_shop::*;
#[test] fn table(){
 for (rates,n,batch,floor) in [
  ([[0.5;3],[0.5;3]],2000,20,0.01),
  ([[0.5;3],[0.5;3]],2000,20,0.03),
  ([[0.4,0.44,0.4],[0.2,0.2,0.24]],2000,50,0.02),
  ([[0.4,0.45,0.4],[0.15,0.15,0.2]],3000,50,0.03),
  ]{
  for t in &TARGETS[..] { let mut shop=Shop::new(Collector::Thompson); shop.floor=floor;shop.rates=rates;shop.decisions=n;shop.batch=batch; let c=shop.coverage(t,LogKind::Fixed,0..1000);
   println!("rates {rates:?} n {n} batch {batch} floor {floor} {} truth {:.4} refused {}",t.name,c.truth,c.refused);
   for r in &c.rows {println!("   {:14} share {:.3} bias {:+.5} rmse {:.5} width {:.4}",r.name,r.share(),r.bias(),r.error(),r.width());}
 }}
}
